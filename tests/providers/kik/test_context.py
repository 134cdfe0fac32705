"""What templates see as `message`. The first message and its rendering were recorded from permabots 2.2.3."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from permabots.providers.kik.provider import Kik
from permabots.values import Json
from tests.providers.kik.test_webhook import changed, parsed

MESSAGE = {
    "id": "00000000-0000-0000-0000-000000000048",
    "type": "text",
    "from": "joe",
    "chatId": "c1",
    "timestamp": 1460000000000,
    "participants": ["joe"],
    "body": "x",
}


def context(message: Json) -> Json:
    return Kik().message_context(parsed(message))


def test_a_text_is_seen_as_recorded() -> None:
    seen = context(MESSAGE)
    assert sorted(seen) == ["body", "chatId", "from", "id", "participants", "timestamp", "type"]
    shown = [str(seen[name]) for name in ("body", "from", "chatId", "participants", "type", "timestamp")]
    assert shown == ["x", "joe", "c1", "['joe']", "text", "2016-04-07 03:33:20"]
    assert seen["id"] == "00000000-0000-0000-0000-000000000048"


@pytest.mark.parametrize("name", ["start_chatting", "scan_data"])
def test_a_beginning_is_seen_as_a_text(name: str) -> None:
    seen = context(changed(name, "mention", None))
    assert (seen["body"], seen["type"]) == ("/start", "text")
    assert "data" not in seen


def test_the_body_is_what_handlers_saw() -> None:
    event = parsed({**MESSAGE, "body": "  x "})
    assert Kik().message_context(event)["body"] == "x"
    assert Kik().message_context(replace(event, text="kept"))["body"] == "kept"


@pytest.mark.parametrize("participants", [..., None, "joe"])
def test_nobody_takes_part_where_kik_does_not_say_who(participants: Json) -> None:
    assert context(changed("text", "participants", participants))["participants"] == []


def test_a_moment_is_seen_to_the_millisecond() -> None:
    seen = context({**MESSAGE, "timestamp": 1460000000123})
    assert seen["timestamp"] == datetime(2016, 4, 7, 3, 33, 20, 123000)  # noqa: DTZ001 (templates see a naive date)
