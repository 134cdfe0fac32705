"""What templates see as `message`. The two events and their renderings were recorded from permabots 2.2.3."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from permabots.providers.messenger.provider import Messenger
from permabots.values import Json
from tests.providers import fixtures
from tests.providers.messenger.events import changed, only, posted

RECORDED = {"sender": {"id": "psid"}, "recipient": {"id": "PAGE"}, "timestamp": 1460000073000}


def context(event: Json) -> Json:
    return Messenger().message_context(only(posted(event)))


def test_a_text_is_seen_as_recorded() -> None:
    seen = context({**RECORDED, "message": {"mid": "m", "seq": 1, "text": "x"}})
    assert list(seen) == ["sender", "recipient", "timestamp", "text"]
    assert (
        f"{seen['sender']}|{seen['recipient']}|{seen['text']}|{seen['timestamp']}" == "psid|PAGE|x|2016-04-07 03:34:33"
    )


def test_a_postback_is_seen_as_recorded() -> None:
    seen = context({**RECORDED, "postback": {"payload": "x"}})
    assert list(seen) == ["sender", "recipient", "timestamp", "postback"]
    assert seen["postback"] == "x"


@pytest.mark.parametrize(
    ("name", "key", "seen"),
    [
        ("text", "text", "Do you open on Sunday? ñ"),
        ("quick_reply", "text", "COLOR:RED"),
        ("postback", "postback", "MENU:MAIN"),
        ("get_started", "postback", "/start promo_42"),
        ("referral", "text", "/start summer_sale"),
    ],
)
def test_what_was_said_is_what_handlers_saw(name: str, key: str, seen: str) -> None:
    event = only(fixtures.content("messenger", name))
    assert Messenger().message_context(event)[key] == seen == event.text


def test_kept_data_is_shown_in_place_of_its_token() -> None:
    event = only(fixtures.content("messenger", "postback"))
    assert Messenger().message_context(replace(event, text="kept"))["postback"] == "kept"


def test_a_time_keeps_its_milliseconds() -> None:
    seen = context(changed("text", "timestamp", 1460000073001))
    assert seen["timestamp"] == datetime(2016, 4, 7, 3, 34, 33, 1000)  # noqa: DTZ001 (templates see a naive date)


def test_an_event_without_recipient_has_none() -> None:
    assert context(changed("text", "recipient", ...))["recipient"] == ""
