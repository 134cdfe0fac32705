"""Kik's own library agrees: about signatures, about what we send, about what we read."""

from __future__ import annotations

import base64
import copy

import kik
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kik.messages import (
    LinkMessage,
    ScanDataMessage,
    StartChattingMessage,
    StickerMessage,
    TextMessage,
    messages_from_json,
)

from permabots.exceptions import WebhookRejected
from permabots.providers.base.signatures import signed
from permabots.providers.kik.client import FEATURES
from permabots.providers.kik.provider import Kik
from permabots.values import Address, Answer, Button, Inbound, Json, Kind, Payload, WebhookRequest
from tests.providers import fixtures
from tests.providers.kik.test_webhook import events
from tests.providers.scripted import Received, ScriptedServer, answer

KIK = Kik()
KEY = "3f2a9c1e-key"
THEIRS = kik.KikApi("shopbot", KEY)
FROM_JOE = {
    "from_user": "joe",
    "chat_id": "c1",
    "participants": ["joe"],
    "timestamp": 1460000000000,
    "read_receipt_requested": True,
    "id": "00000000-0000-0000-0000-000000000001",
}
ANSWERS = [
    Answer(("Hi <b>you</b> &amp; me",)),
    Answer(("one", "two"), ((Button("a", "A"), Button("site", url="https://example.com")),)),
    Answer(tuple(f"part {number}" for number in range(12)), tuple((Button(f"m{n}"),) for n in range(45))),
]


def theirs(message: Json) -> Json:
    """Return a message as their classes read it, written out again by them."""
    (read,) = messages_from_json([copy.deepcopy(message)])
    return {"type": message["type"], **read.to_json()}


def read(**fields: Json) -> Inbound:
    """Return how we read a text that their classes have written."""
    (event,) = events({"messages": [TextMessage(**FROM_JOE, **fields).to_json()]})
    return event


@given(st.binary(max_size=200), st.text(min_size=1, max_size=40))
def test_they_take_the_signature_that_we_would_make(body: bytes, key: str) -> None:
    signature = signed(body, key, "sha1").upper()
    assert kik.KikApi("shopbot", key).verify_signature(signature, body)
    KIK.verify(WebhookRequest(body, {"x-kik-signature": signature}), {"api_key": key})


def test_neither_takes_a_signature_of_other_bytes() -> None:
    signature = signed(b"{} ", KEY, "sha1").upper()
    assert not THEIRS.verify_signature(signature, b"{}")
    with pytest.raises(WebhookRejected):
        KIK.verify(WebhookRequest(b"{}", {"x-kik-signature": signature}), {"api_key": KEY})


@pytest.mark.parametrize("answer_", ANSWERS)
@pytest.mark.parametrize("address", [Address("c1", "joe"), Address("c1")])
def test_every_message_that_we_send_is_one_of_theirs_and_nothing_of_it_is_unknown_to_them(
    answer_: Answer, address: Address
) -> None:
    for payload in KIK.render(answer_, address):
        for message in payload.body["messages"]:
            assert theirs(message) == message


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (TextMessage(body=" hello ", **FROM_JOE), "hello"),
        (StartChattingMessage(**FROM_JOE), "/start"),
        (ScanDataMessage(data="promo", **FROM_JOE), "/start"),
        (StickerMessage(sticker_pack_id="p", sticker_url="https://example.com/s.png", **FROM_JOE), None),
        (LinkMessage(url="https://example.com", **FROM_JOE), None),
    ],
)
def test_every_message_that_they_write_is_read(message: Json, text: str | None) -> None:
    (event,) = events({"messages": [message.to_json()]})
    assert (event.text, event.kind is Kind.IGNORED) == (text, text is None)
    assert (event.external_id, event.chat_id, event.user_id, event.provider_sequence) == (
        "00000000-0000-0000-0000-000000000001",
        "c1",
        "joe",
        1460000000000,
    )


@given(st.text(min_size=1, max_size=30))
def test_the_text_is_theirs_without_outer_blanks(body: str) -> None:
    event = read(body=body)
    assert event.text == (event.raw["body"].strip() or None)


@pytest.mark.parametrize("name", fixtures.webhooks("kik"))
def test_they_read_the_fixtures_as_we_do(name: str) -> None:
    messages = fixtures.content("kik", name)["messages"]
    ours = {event.external_id: event for event in events({"messages": messages})}
    for message in messages_from_json(copy.deepcopy(messages)):
        event = ours[message.id]
        assert (event.chat_id, event.user_id, event.provider_sequence) == (
            message.chat_id,
            message.from_user,
            message.timestamp,
        )
        assert isinstance(message, TextMessage | StartChattingMessage | ScanDataMessage) == (event.kind is Kind.TEXT)


def told(request: Received) -> tuple[str, str, str, Json]:
    """Return what a server is told by a call."""
    credentials = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    return request.method, request.path, credentials, request.json if request.body else None


def test_over_the_wire_nobody_can_tell_our_calls_from_theirs(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kik.api.ROOT_URL", server.url + "{}")
    hook = {"webhook": "https://example.org/hook/"}
    features = dict.fromkeys(FEATURES, False)
    server.default = answer({**hook, "features": features})
    message = {"type": "text", "chatId": "c1", "to": "joe", "body": "ünï 👍"}

    THEIRS.send_messages([TextMessage(chat_id="c1", to="joe", body="ünï 👍")])
    THEIRS.set_configuration(kik.Configuration(**hook, features=features))
    known = THEIRS.get_configuration()

    ours = Kik({"api_url": server.url}).client({"username": "shopbot", "api_key": KEY})
    ours.send(Payload("message", {"messages": [message]}), 5.0)
    ours.set_webhook(hook["webhook"], "")
    assert ours.webhook_info().url == known.webhook

    calls = [told(request) for request in server.requests]
    assert len(calls) == 6
    assert calls[:3] == calls[3:]
