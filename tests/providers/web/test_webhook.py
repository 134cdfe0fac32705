"""What the page stores is read as any event, and nobody else can bring one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.exceptions import MalformedWebhook, WebhookRejected
from permabots.providers.web.provider import Web
from permabots.values import Identity, Inbound, Json, Kind, Sender, WebhookRequest

EVENT = {"id": "a", "chat": "v:1", "number": 3, "name": "", "page": "", "lang": "", "text": "hello"}


def parsed(**values: Any) -> Inbound:
    body = json.dumps({**EVENT, **values}).encode()
    (event,) = Web().parse(WebhookRequest(body), Identity("shop", "shop"))
    return event


def test_a_text_is_an_event_of_its_conversation_in_the_order_of_its_number() -> None:
    event = parsed()
    assert (event.external_id, event.provider_sequence, event.kind) == ("v:1 a", 3, Kind.TEXT)
    assert (event.text, event.chat_id, event.user_id, event.sender) == ("hello", "v:1", "", None)


def test_a_press_says_its_data() -> None:
    event = parsed(text=None, data="size:l")
    assert (event.kind, event.text) == (Kind.BUTTON, "size:l")


def test_a_person_whom_a_site_has_signed_is_known_in_that_chat_only() -> None:
    assert parsed(chat="i:7", name="Ada").sender == Sender("shop i:7", first_name="Ada")


@pytest.mark.parametrize(
    ("name", "value"), [("id", ""), ("id", 7), ("id", "x" * 151), ("chat", None), ("number", 0), ("number", "1")]
)
def test_an_event_that_names_no_message_is_ignored(name: str, value: Json) -> None:
    event = parsed(**{name: value})
    assert (event.kind, event.reason) == (Kind.IGNORED, "an event without id, chat or number")


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_an_event_that_says_nothing_is_ignored(text: Json) -> None:
    assert parsed(text=text).reason == "an event without text"


def test_blanks_around_a_text_are_lost() -> None:
    assert parsed(text=" menu\n").text == "menu"


@pytest.mark.parametrize("body", [b"", b"[]", b"no JSON"])
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        Web().parse(WebhookRequest(body), Identity())


def test_every_call_is_refused() -> None:
    with pytest.raises(WebhookRejected):
        Web().verify(WebhookRequest(json.dumps(EVENT).encode()), {})
