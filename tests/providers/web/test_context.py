"""What templates see as ``message``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from permabots.providers.web.provider import Web
from permabots.values import Json
from tests.providers.web.test_webhook import parsed


def context(**values: Any) -> dict[str, Json]:
    return Web().message_context(parsed(**values))


def test_a_text_is_seen_with_where_and_by_whom_it_was_written() -> None:
    assert context(page="https://shop.example.com/shoes", lang="de", chat="i:7", name="Ada") == {
        "id": "a",
        "number": 3,
        "chat": "i:7",
        "name": "Ada",
        "page": "https://shop.example.com/shoes",
        "lang": "de",
        "text": "hello",
        "data": "",
    }


def test_a_press_is_seen_with_its_data_and_no_text() -> None:
    seen = context(text=None, data="size:l")
    assert (seen["text"], seen["data"]) == ("", "size:l")


def test_the_text_is_what_handlers_saw() -> None:
    assert Web().message_context(replace(parsed(), text="kept"))["text"] == "kept"
