"""Notification hooks: data posted by the user's own system reaches each recipient once."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from permabots.models import Conversation, Hook, Notification, OutboundMessage, Recipient
from permabots.testing import TelegramServer
from tests.factories import make_user
from tests.pipeline.notifying import deliver, post
from tests.pipeline.notifying import hook as hook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_each_recipient_gets_the_message_once(hook: Hook, telegram: TelegramServer) -> None:
    answer = post(hook, {"name": "Order 5 & 6"})
    row = Notification.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"id": row.pk, "recipients": 3})
    deliver()
    deliver()
    assert [telegram.texts(chat) for chat in (101, 102, 103)] == [["Order 5 & 6 is ready"]] * 3
    row.refresh_from_db()
    assert (row.status, row.lease_token) == ("done", None)
    assert row.trace["texts"] == ["<b>Order 5 &amp; 6</b> is ready"]


def test_one_recipient_who_is_gone_stops_nobody(hook: Hook, telegram: TelegramServer) -> None:
    Recipient.objects.filter(chat_id="101").update(chat_id="403403")
    post(hook, {"name": "x"})
    deliver()
    assert [len(telegram.texts(chat)) for chat in (102, 103)] == [1, 1]
    parked = OutboundMessage.objects.get(status="parked")
    assert parked.recipient.chat_id == "403403"


def test_a_broadcast_shares_the_conversation_of_the_person(hook: Hook, telegram: TelegramServer) -> None:
    talk = Conversation.objects.create(bot=hook.bot, provider="telegram", chat_id="101", user_id="101")
    post(hook, {"name": "x"})
    deliver()
    assert talk.outbound.count() == 1


def test_the_callers_key_makes_a_repeat_the_same_notification(hook: Hook) -> None:
    first = post(hook, {"name": "x"}, **{"Idempotency-Key": "k1"})
    second = post(hook, {"name": "x"}, **{"Idempotency-Key": "k1"})
    other = post(hook, {"name": "x"}, **{"Idempotency-Key": "k2"})
    assert first.json() == second.json() != other.json()
    assert Notification.objects.count() == 2


def test_a_broken_template_is_told_with_the_notification(hook: Hook) -> None:
    hook.response.text_template = "{{ 1 / (data.zero|int) }}"
    hook.response.save()
    post(hook, {"name": "x"})
    deliver()
    row = Notification.objects.get()
    assert row.status == "parked"
    assert row.error.startswith("text: ")
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize("change", ["disabled", "unknown", "another user's"])
def test_a_hook_that_is_not_the_callers_is_404(hook: Hook, change: str) -> None:
    user = make_user() if change == "another user's" else None
    Hook.objects.update(enabled=change != "disabled")
    hook.key = "NOKEY" if change == "unknown" else hook.key
    answer = post(hook, {"name": "x"}, user)
    assert answer.status_code == 404
    assert answer.json() == f"Key {hook.key} not associated to an enabled hook or bot"


def test_a_caller_without_a_token_is_401(hook: Hook) -> None:
    assert Client().post("/processing/hook/KEY1/", {}, "application/json").status_code == 401


def test_what_is_no_json_is_400(hook: Hook) -> None:
    answer = post(hook, "{")
    assert answer.status_code == 400
    assert "JSON" in answer.json()


@pytest.mark.parametrize("data", [None, 5, "text", [1, {"a": None}]])
def test_any_json_is_taken(hook: Hook, data: Any) -> None:
    assert post(hook, json.dumps(data)).status_code == 200
    assert Notification.objects.get().data == data


def test_a_bot_takes_data_as_if_it_had_been_posted(hook: Hook, telegram: TelegramServer) -> None:
    with patch("permabots.broker.publish") as publish:
        hook.bot.handle_hook(hook, {"name": "by code"})
    assert publish.call_count == 1
    deliver()
    assert telegram.texts(101) == ["by code is ready"]
