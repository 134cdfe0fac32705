"""What templates see as `message`. The two updates and their renderings were recorded from permabots 2.2.3."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from permabots.providers.telegram.provider import Telegram
from permabots.values import Identity, Json, Kind, WebhookRequest
from tests.providers import fixtures

TELEGRAM = Telegram()
ANN = {"id": 7, "first_name": "Ann", "last_name": "Lee", "username": "ann"}
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
TEXT = {
    "update_id": 1070,
    "message": {"message_id": 170, "from": ANN, "chat": CHAT, "date": 1460000000, "text": "x"},
}
PRESS = {
    "update_id": 1071,
    "callback_query": {
        "id": "cb71",
        "from": ANN,
        "data": "x",
        "message": {
            "message_id": 171,
            "from": {"id": 111, "first_name": "Fake 111", "username": "fake_111_bot"},
            "chat": CHAT,
            "date": 1460000000,
            "text": "pick",
        },
    },
}


def context(update: Json, identity: Identity | None = None) -> Json:
    (event,) = TELEGRAM.parse(WebhookRequest(json.dumps(update).encode()), identity or Identity())
    return TELEGRAM.message_context(event)


def test_a_text_is_seen_as_recorded() -> None:
    seen = context(TEXT)
    message = seen["message"]
    assert (seen["update_id"], message["text"], message["message_id"]) == (1070, "x", 170)
    assert (message["from_user"]["first_name"], message["from_user"]["id"]) == ("Ann", 7)
    assert (message["chat"]["id"], message["chat"]["type"], str(message["date"])) == (
        7,
        "private",
        "2016-04-07 03:33:20",
    )
    assert sorted(message) == ["chat", "date", "forward_from", "from_user", "message_id", "text"]
    assert sorted(seen) == ["message", "update_id"]


def test_a_press_is_seen_as_recorded() -> None:
    seen = context(PRESS)
    query = seen["callback_query"]
    assert (query["data"], query["callback_id"], query["from_user"]["first_name"]) == ("x", "cb71", "Ann")
    assert query["message"]["text"] == "pick"
    assert sorted(query) == ["callback_id", "data", "from_user", "message"]
    assert sorted(query["message"]) == ["chat", "date", "forward_from", "from_user", "message_id", "text"]
    assert sorted(seen) == ["callback_query", "update_id"]


def test_the_text_is_the_one_that_handlers_saw() -> None:
    seen = context(fixtures.content("telegram", "group_command"), Identity("1", "shop_helper_bot"))
    assert seen["message"]["text"] == "/start promo_42"


def test_kept_data_is_shown_in_place_of_its_token() -> None:
    (event,) = TELEGRAM.parse(WebhookRequest(json.dumps(PRESS).encode()), Identity())
    assert event.kind is Kind.BUTTON
    assert TELEGRAM.message_context(replace(event, text="kept"))["callback_query"]["data"] == "kept"


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ({}, None),
        ({"forward_from": {"id": 8, "first_name": "Bo"}}, "Bo"),
        ({"forward_origin": {"type": "user", "sender_user": {"id": 8, "first_name": "Bo"}, "date": 1}}, "Bo"),
        ({"forward_origin": {"type": "hidden_user", "sender_user_name": "Bo", "date": 1}}, None),
    ],
)
def test_who_wrote_a_forwarded_text_is_read_in_both_forms(extra: dict[str, Json], name: str | None) -> None:
    origin = context({**TEXT, "message": {**TEXT["message"], **extra}})["message"]["forward_from"]
    assert (origin and origin["first_name"]) == name


def test_a_press_under_an_inline_result_has_no_message() -> None:
    assert context(fixtures.content("telegram", "callback_query_inline"))["callback_query"]["message"] is None


def test_an_inaccessible_message_is_as_little_as_telegram_says() -> None:
    message = context(fixtures.content("telegram", "callback_query_inaccessible"))["callback_query"]["message"]
    assert (message["message_id"], message["text"], message["from_user"]) == (103, None, None)
    assert message["date"] == datetime(1970, 1, 1)  # noqa: DTZ001 (templates see a naive date)
