"""What operators' commands say and do of a web chat: there is no webhook, and none is missed."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots.models import WebBot
from permabots.pipeline.authoring.integrations import change
from tests.test_commands import run
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", ["set", "restore", "remove", "info"])
def test_no_webhook_is_set_removed_or_missed(action: str) -> None:
    make_chat()
    assert "connected; it has no webhook, and needs none" in run("permabots_webhook", action)
    assert WebBot.objects.get().status == "connected"


def test_a_secret_is_the_authors_and_the_one_before_is_retired() -> None:
    row = make_chat(identity="optional", identity_secret="a" * 32)
    change(row, {"identity_secret": "b" * 32}, enabled=True)
    assert "give the account a new identity_secret" in run("permabots_webhook", "rotate")
    assert WebBot.objects.get().previous_identity_secret == "a" * 32
    assert "taken no more" in run("permabots_webhook", "retire")
    assert WebBot.objects.get().previous_identity_secret == ""


def test_nothing_is_wrong_with_it() -> None:
    Person(make_chat()).say("hello")
    work()
    assert json.loads(run("permabots_status", "--json"))["accounts"] == []


def test_a_bot_is_simulated_as_in_its_web_chat() -> None:
    bot = make_chat().bot
    token = Token.objects.create(user=bot.owner)
    answer = Client().post(
        f"/permabots/api/bots/{bot.pk}/simulate/",
        {"text": "hello", "service": "web"},
        "application/json",
        headers={"Authorization": f"Token {token.key}"},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["texts"] == ["Hi"]
