"""Builders of updates: the library that bots are written with reads them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import telegram as ptb

from permabots.testing import (
    callback_update,
    edited_update,
    member_update,
    message_update,
    migrated_update,
    text_update,
)
from permabots.testing.updates import chat, found_entities

UPDATES = [
    text_update(1, 7, "hi", message_id=3),
    text_update(1, 7, "/start promo_42", message_id=3),
    text_update(1, -100500, "hi", user=8, message_id=3),
    edited_update(1, 7, "hi again", message_id=3),
    message_update(1, 7, message_id=3, location={"latitude": 52.5, "longitude": 13.4}),
    migrated_update(1, -5, -1000000000005, message_id=3),
    callback_update(1, 7, "size:l", message_id=3, callback_id="9"),
    callback_update(1, 7, "x", under=text_update(1, 7, "hi", message_id=4)["message"], callback_id="9"),
    member_update(1, 7, "kicked"),
]


def common(whole: Any, part: Any) -> Any:
    """Return a value reduced to the fields that another one has: the library adds some."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return {key: common(whole[key], value) for key, value in part.items() if key in whole}
    if isinstance(whole, list) and isinstance(part, list):
        return [common(*pair) for pair in zip(whole, part, strict=True)]
    return whole


@pytest.mark.parametrize("update", UPDATES)
def test_the_library_reads_it_and_gives_it_back(update: dict[str, Any]):
    parsed = ptb.Update.de_json(copy.deepcopy(update), None)
    assert parsed is not None
    assert common(parsed.to_dict(), update) == update


def test_a_private_chat_belongs_to_its_person():
    message = text_update(1, 7, "hi")["message"]
    assert (message["from"]["id"], message["chat"]["id"], message["chat"]["type"]) == (7, 7, "private")


def test_the_person_may_be_told():
    ann = {"id": 7, "is_bot": False, "first_name": "Ann", "username": "ann"}
    message = text_update(1, 7, "hi", user=ann)["message"]
    assert message["from"] == ann
    assert message["chat"] == {"id": 7, "type": "private", "first_name": "Ann", "username": "ann"}


@pytest.mark.parametrize(
    ("chat_id", "kind"), [(7, "private"), (-7, "group"), (-1_000_000_000_001, "supergroup"), (-100500, "group")]
)
def test_the_kind_of_a_chat_is_guessed_from_its_id(chat_id: int, kind: str):
    assert chat(chat_id)["type"] == kind


def test_the_kind_of_a_chat_may_be_told():
    assert text_update(1, -7, "hi", chat_type="supergroup")["message"]["chat"]["type"] == "supergroup"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start promo_42", [("bot_command", 0, 6)]),
        ("/help@shop_bot now", [("bot_command", 0, 14)]),
        ("😀 @shop_helper_bot help", [("mention", 3, 16)]),
        ("see /a and /b", [("bot_command", 4, 2), ("bot_command", 11, 2)]),
        ("a/b http://c/d me@mail", []),
    ],
)
def test_commands_and_mentions_are_entities(text: str, found: list[tuple[str, int, int]]):
    assert [(e["type"], e["offset"], e["length"]) for e in found_entities(text)] == found


def test_a_text_without_entities_has_none():
    assert "entities" not in text_update(1, 7, "hi")["message"]


def test_a_pressed_button_is_in_the_message_it_belongs_to():
    query = callback_update(1, 7, "size:l", message_id=3)["callback_query"]
    assert query["data"] == query["message"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "size:l"
    assert query["message"]["from"]["is_bot"]
