"""Sample updates: made up, and read like any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from permabots.providers.telegram.provider import Telegram
from permabots.values import Identity, Inbound, Kind, WebhookRequest


def simulated_update(text: str, kind: Kind = Kind.TEXT, chat_id: str = "7", user_id: str = "7") -> Inbound:
    body = Telegram().simulated_update(text, kind, chat_id, user_id)
    (event,) = Telegram().parse(WebhookRequest(json.dumps(body).encode()), Identity("1", "shop_bot"))
    return event


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.BUTTON])
@pytest.mark.parametrize(("chat_id", "user_id"), [("7", "7"), ("-100500", "8"), ("0", "0")])
def test_a_sample_is_read_as_what_it_was_made_of(kind: Kind, chat_id: str, user_id: str) -> None:
    event = simulated_update("/start x", kind, chat_id, user_id)
    assert (event.kind, event.text, event.chat_id, event.user_id) == (kind, "/start x", chat_id, user_id)


def test_a_command_for_this_bot_loses_its_name_as_always() -> None:
    assert simulated_update("/start@shop_bot x").text == "/start x"
    assert simulated_update("/start@another_bot").kind is Kind.IGNORED


@pytest.mark.parametrize(("chat_id", "kind"), [("7", "private"), ("-5", "group")])
def test_templates_see_a_whole_message_sent_just_now(chat_id: str, kind: str) -> None:
    message: Any = Telegram().message_context(simulated_update("hello", chat_id=chat_id))["message"]
    assert (message["text"], message["chat"]["type"], message["from_user"]["id"]) == ("hello", kind, 7)
    assert abs((datetime.now(UTC).replace(tzinfo=None) - message["date"]).total_seconds()) < 60


def test_templates_see_a_whole_press() -> None:
    query: Any = Telegram().message_context(simulated_update("size:l", Kind.BUTTON))["callback_query"]
    assert (query["data"], query["message"]["chat"]["id"], query["from_user"]["id"]) == ("size:l", 7, 7)


def test_a_press_is_acknowledged_and_quotes_the_message_with_the_button() -> None:
    event = simulated_update("size:l", Kind.BUTTON)
    assert [call.method for call in Telegram().acknowledge(event)] == ["answerCallbackQuery"]
    assert event.reply_to == "1"
