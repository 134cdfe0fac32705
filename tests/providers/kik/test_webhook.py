"""What Kik posts to us."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.exceptions import MalformedWebhook, WebhookRejected
from permabots.providers.base.signatures import signed
from permabots.providers.kik.provider import Kik
from permabots.values import Identity, Inbound, Json, Kind, Sender, WebhookRequest
from tests.providers import fixtures

KIK = Kik()
KEY = "3f2a9c1e-key"
BODY = fixtures.body("kik", "text")
SIGNATURE = signed(BODY, KEY, "sha1")


def events(body: Json) -> list[Inbound]:
    return KIK.parse(WebhookRequest(json.dumps(body).encode()), Identity("shopbot", "shopbot"))


def parsed(message: Json) -> Inbound:
    (event,) = events({"messages": [message]})
    return event


def changed(name: str, field: str, value: Json) -> Json:
    """Return the message of a fixture with one field changed, or taken out where the value is `...`."""
    (message,) = fixtures.content("kik", name)["messages"]
    return {key: content for key, content in {**message, field: value}.items() if content is not ...}


@pytest.mark.parametrize("presented", [SIGNATURE, SIGNATURE.upper()])
def test_a_signature_of_either_case_is_taken(presented: str) -> None:
    KIK.verify(WebhookRequest(BODY, {"x-kik-signature": presented}), {"api_key": KEY})


@pytest.mark.parametrize(
    ("body", "headers", "key"),
    [
        (BODY, {}, KEY),
        (BODY, {"x-kik-signature": ""}, KEY),
        (BODY, {"x-kik-signature": SIGNATURE[:-1]}, KEY),
        (BODY, {"x-kik-signature": f"sha1={SIGNATURE}"}, KEY),
        (BODY, {"x-kik-signature": "ünd\udcff"}, KEY),
        (BODY + b" ", {"x-kik-signature": SIGNATURE}, KEY),
        (BODY, {"x-kik-signature": SIGNATURE}, "another"),
        (BODY, {"x-kik-signature": signed(BODY, "", "sha1")}, ""),
    ],
)
def test_a_call_that_proves_nothing_is_rejected_without_showing_a_secret(
    body: bytes, headers: dict[str, str], key: str
) -> None:
    with pytest.raises(WebhookRejected) as caught:
        KIK.verify(WebhookRequest(body, headers), {"api_key": key})
    assert caught.value.status == 403
    assert SIGNATURE not in str(caught.value)
    assert KEY not in str(caught.value)


def test_an_integration_without_a_key_takes_nothing() -> None:
    with pytest.raises(WebhookRejected, match="no API key"):
        KIK.verify(WebhookRequest(BODY, {"x-kik-signature": SIGNATURE}), {})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"messages=1", b'{"messages": [NaN]}'])
def test_a_body_that_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook) as caught:
        KIK.parse(WebhookRequest(body), Identity())
    assert caught.value.status == 400


@pytest.mark.parametrize("name", fixtures.webhooks("kik"))
def test_a_call_is_read_as_expected(name: str) -> None:
    found = [{**asdict(event), "raw": None} for event in events(fixtures.content("kik", name))]
    assert found == [{**expected, "raw": None} for expected in fixtures.content("kik", f"{name}.expected")]


@pytest.mark.parametrize("name", fixtures.webhooks("kik"))
def test_every_message_is_kept_as_it_came(name: str) -> None:
    messages = fixtures.content("kik", name)["messages"]
    kept = [event.raw for event in events(fixtures.content("kik", name))]
    assert sorted(kept, key=json.dumps) == sorted(messages, key=json.dumps)


def test_messages_of_several_chats_come_oldest_first_and_those_of_one_moment_in_kiks_order() -> None:
    found = events(fixtures.content("kik", "batch"))
    assert [event.text for event in found] == [None, "first", "second", "third"]
    assert found[1].chat_id != found[2].chat_id
    assert [event.user_id for event in found] == ["mara.o", "tom.b", "mara.o", "mara.o"]


def test_what_is_not_for_us_does_not_stop_what_comes_after_it() -> None:
    (text,) = fixtures.content("kik", "text")["messages"]
    found = events({"messages": [{**text, "id": "1", "type": "sticker"}, None, {}, {**text, "id": "2"}]})
    assert [event.text for event in found if event.kind is Kind.TEXT] == ["hello bot ü"]
    assert len(found) == 4


@pytest.mark.parametrize(("body", "seen"), [("  hello \n", "hello"), ("Yes", "Yes"), ("a  b", "a  b")])
def test_a_text_loses_its_outer_blanks(body: str, seen: str) -> None:
    event = parsed(changed("text", "body", body))
    assert (event.kind, event.text) == (Kind.TEXT, seen)


def test_a_tapped_response_is_the_text_that_it_showed() -> None:
    event = parsed(changed("suggested_response", "metadata", {"payload": "confirm:yes"}))
    assert (event.kind, event.text) == (Kind.TEXT, "Yes")


@pytest.mark.parametrize("name", ["start_chatting", "scan_data"])
def test_a_beginning_is_a_start_command_whatever_was_scanned(name: str) -> None:
    event = parsed(changed(name, "data", "promo"))
    assert (event.kind, event.text) == (Kind.TEXT, "/start")
    assert event.sender == Sender("mara.o", "mara.o")


@pytest.mark.parametrize("identifier", ["x", "x" * 200])
def test_an_id_need_not_be_a_uuid(identifier: str) -> None:
    event = parsed(changed("text", "id", identifier))
    assert (event.kind, event.external_id) == (Kind.TEXT, identifier)


def test_a_name_stays_as_kik_writes_it() -> None:
    assert parsed(changed("text", "from", "Mara.O")).user_id == "Mara.O"


@pytest.mark.parametrize(
    ("name", "field", "value", "reason"),
    [
        ("text", "type", ..., "a message without type"),
        ("text", "type", 7, "a message without type"),
        ("text", "type", "x" * 99, f"a message of the type {'x' * 40}"),
        ("text", "body", ..., "a text without body"),
        ("text", "body", None, "a text without body"),
        ("text", "body", 7, "a text without body"),
        ("text", "body", "", "a text without body"),
        ("text", "body", " \n", "a text without body"),
        ("text", "id", ..., "a message without a usable id"),
        ("text", "id", "", "a message without a usable id"),
        ("text", "id", 7, "a message without a usable id"),
        ("text", "id", "x" * 201, "a message without a usable id"),
        ("text", "from", ..., "a message without a usable chatId, from or timestamp"),
        ("text", "from", "", "a message without a usable chatId, from or timestamp"),
        ("text", "from", "x" * 151, "a message without a usable chatId, from or timestamp"),
        ("text", "chatId", ..., "a message without a usable chatId, from or timestamp"),
        ("text", "chatId", ["c1"], "a message without a usable chatId, from or timestamp"),
        ("text", "chatId", "x" * 151, "a message without a usable chatId, from or timestamp"),
        ("scan_data", "timestamp", ..., "a message without a usable chatId, from or timestamp"),
        ("scan_data", "timestamp", "1795300001000", "a message without a usable chatId, from or timestamp"),
        ("scan_data", "timestamp", 2**63, "a message without a usable chatId, from or timestamp"),
        ("scan_data", "timestamp", 10**16, "a message without a usable chatId, from or timestamp"),
        ("scan_data", "timestamp", -1, "a message without a usable chatId, from or timestamp"),
    ],
)
def test_an_authentic_message_that_is_not_as_expected_is_ignored_with_its_reason(
    name: str, field: str, value: Json, reason: str
) -> None:
    event = parsed(changed(name, field, value))
    assert (event.kind, event.text, event.reason) == (Kind.IGNORED, None, reason)


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": None}, {"messages": {"id": "x"}}, {"other": [1]}])
def test_a_call_without_messages_is_one_ignored_event(body: Json) -> None:
    (event,) = events(body)
    assert (event.kind, event.raw, event.reason) == (Kind.IGNORED, body, "a call without messages")


@pytest.mark.parametrize("message", [None, 7, "text", ["text"]])
def test_what_is_no_message_is_an_ignored_event_of_its_own(message: Json) -> None:
    event = parsed(message)
    assert (event.kind, event.raw, event.reason) == (
        Kind.IGNORED,
        {"messages": [message]},
        "a message that is no object",
    )


def test_a_message_without_id_is_known_by_its_content_in_whatever_call_it_comes() -> None:
    message = changed("sticker", "id", ...)
    first, beside, other = parsed(message), events({"messages": [7, message]})[1], parsed({**message, "from": "tom.b"})
    assert first.external_id == beside.external_id != other.external_id
    assert first.external_id.startswith("sha256:")


def test_characters_that_a_database_refuses_are_replaced_everywhere() -> None:
    event = parsed(changed("text", "body", "a\x00b\ud83d"))
    assert event.text == "a\ufffdb\ufffd" == event.raw["body"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["type", "id", "chatId", "from", "participants", "mention", "timestamp", "body", "data", "metadata"]


@given(st.sampled_from(["text", "start_chatting", "sticker"]), st.sampled_from(FIELDS), JSON)
def test_no_value_anywhere_is_an_error(name: str, field: str, value: Json) -> None:
    event = parsed(changed(name, field, value))
    assert (event.kind is Kind.IGNORED) == bool(event.reason) == (event.text is None)
    assert 0 < len(event.external_id) <= 200
    if event.kind is not Kind.IGNORED:
        assert event.chat_id
        assert event.user_id
        KIK.message_context(event)


@given(st.dictionaries(st.sampled_from(["messages", "x"]), JSON | st.lists(JSON, max_size=3)))
def test_no_object_is_an_error(body: dict[str, Json]) -> None:
    found = events(body)
    assert found
    assert all(event.kind is Kind.IGNORED for event in found)


@pytest.mark.parametrize("depth", [50, 200, 300, 400, 1_000, 100_000])
def test_a_message_nested_deep_is_read_or_malformed(depth: int) -> None:
    body = b'{"messages": [' + b"[" * depth + b"]" * depth + b"]}"
    try:
        (event,) = KIK.parse(WebhookRequest(body), Identity())
    except MalformedWebhook as error:
        assert error.reason == "the body is nested too deep"
    else:
        assert event.kind is Kind.IGNORED
