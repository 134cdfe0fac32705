"""What cannot be taken, or did not work, is said in words that name the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from permabots.models import Bot, InboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import TelegramServer, callback_update
from tests.api.conftest import Api
from tests.factories import make_bot, make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import arrive, drain
from tests.pipeline.talking import bot as connected

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

__all__ = ["connected"]


@pytest.fixture
def bot() -> Bot:
    return make_bot()


def post(bot: Bot, body: Any, content_type: str = "application/json", hook: Any = None, **headers: str) -> Any:
    made = create_hook(bot, {"name": "news", "response": {"text_template": "x"}, **(hook or {})})
    for name, chat in (("Ann", 101), ("Bob", 102)):
        Api(bot.owner).post(f"bots/{bot.pk}/hooks/{made.pk}/recipients/telegram/", {"name": name, "chat_id": chat})
    client = Client(raise_request_exception=False)
    client.force_login(bot.owner)
    token = {"Authorization": f"Token {Api(bot.owner).user.auth_token.key}"}
    path = f"/processing/hook/{made.key}/"
    return client.generic("POST", path, body, content_type=content_type, headers={**token, **headers})


def test_a_key_that_no_header_can_hold_is_told_apart_from_one_that_is_too_long(bot: Bot) -> None:
    odd = post(bot, "{}", **{"Idempotency-Key": "ключ".encode().decode("latin-1")})
    assert (odd.status_code, "printable ASCII" in str(odd.json())) == (400, True)
    long = post(bot, "{}", **{"Idempotency-Key": "k" * 201})
    assert (long.status_code, "at most 200 characters, this one has 201" in str(long.json())) == (400, True)


@pytest.mark.parametrize(("body", "status"), [("xxx", 400), ("--b\r\n", 400), ("--a--\r\n", 200), ("", 200)])
def test_a_multipart_body_without_its_boundary_is_refused(bot: Bot, body: str, status: int) -> None:
    assert post(bot, body, "multipart/form-data; boundary=a").status_code == status


def test_the_fields_of_a_multipart_body_are_read(bot: Bot) -> None:
    field = '--a\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--a--\r\n'
    assert post(bot, field, "multipart/form-data; boundary=a").status_code == 200
    assert bot.notifications.get().data == {"n": "1"}


@pytest.mark.parametrize("chat", [0, "0", "-0"])
def test_nobody_is_the_chat_0(bot: Bot, chat: Any) -> None:
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    refused = Api(bot.owner).post(
        f"bots/{bot.pk}/hooks/{hook.pk}/recipients/telegram/", {"name": "Ann", "chat_id": chat}
    )
    assert (refused.status_code, list(refused.json())) == (400, ["chat_id"])


def test_a_template_may_name_recipients_by_a_list(bot: Bot) -> None:
    answer = post(bot, json.dumps({"who": ["Ann", "Bob"]}), hook={"recipients_template": "{{ data.who }}"})
    assert (answer.status_code, answer.json()["recipients"]) == (200, 2)


def test_two_names_for_the_messenger_are_refused_where_they_differ(bot: Bot) -> None:
    asked = {"provider": "kik", "text": "x", "service": "telegram"}
    refused = Api(bot.owner).post(f"bots/{bot.pk}/simulate/", asked)
    assert (refused.status_code, refused.json()) == (
        400,
        {"service": ["It is another name of provider: give one of them."]},
    )
    assert Api(bot.owner).post(f"bots/{bot.pk}/simulate/", {**asked, "service": "kik"}).status_code == 200


def test_a_press_whose_data_is_gone_says_so(connected: Bot, telegram: TelegramServer) -> None:
    make_handler(connected, ".*", "x")
    drain(arrive(connected, callback_update(1, 7, "kept:" + "A" * 32, callback_id="q1", message_id=5)))
    assert InboundMessage.objects.get().trace["notes"] == [
        "the data of the pressed button is not kept any more: the token in its place is the text"
    ]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("charset", ["undefined", "base64", "idna", "punycode", "no-such", "utf-8"])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=a", "application/json"])
def test_a_form_in_a_character_set_that_is_none_is_read_as_utf8(bot: Bot, kind: str, charset: str) -> None:
    """``punycode`` would take minutes for a large form, and ``undefined`` ended in an error 500."""
    bodies = {
        FORM: b"n=%C3%A9..-a",
        "application/json": '{"n": "é..-a"}'.encode(),
    }
    multipart = '--a\r\nContent-Disposition: form-data; name="n"\r\n\r\né..-a\r\n--a--\r\n'.encode()
    answer = post(bot, bodies.get(kind, multipart), f"{kind}; charset={charset}")
    assert (answer.status_code, bot.notifications.get().data) == (200, {"n": "é..-a"})


def test_a_form_in_another_character_set_is_read(bot: Bot) -> None:
    assert post(bot, b"n=%E9", f"{FORM}; charset=latin-1").status_code == 200
    assert bot.notifications.get().data == {"n": "é"}


@pytest.mark.parametrize("path", ["bots/", "bots/nowhere/x/", "schema/"])
def test_an_address_with_thousands_of_parameters_is_refused_in_json(bot: Bot, path: str) -> None:
    query = "&".join(f"limit{number}=1" for number in range(2000))
    answer = Api(bot.owner).get(f"{path}?{query}")
    wanted = 404 if "nowhere" in path else 400
    assert (answer.status_code, "json" in answer["Content-Type"], list(answer.json())) == (wanted, True, ["detail"])


def test_a_host_that_is_not_ours_is_refused_in_json_where_the_project_leaves_it_to_us(bot: Bot, settings: Any) -> None:
    make_bot(owner=bot.owner)
    settings.ALLOWED_HOSTS, settings.MIDDLEWARE = ["bots.example.com"], []
    answer = Api(bot.owner)("GET", "bots/?limit=1", Host="evil.example.com")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
