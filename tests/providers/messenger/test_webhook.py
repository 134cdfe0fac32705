"""What Facebook posts to us."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from permabots.exceptions import MalformedWebhook
from permabots.values import Identity, Json, Kind, WebhookRequest
from tests.providers import fixtures
from tests.providers.messenger.events import MESSENGER, PAGE, PERSON, changed, only, parsed, posted


def sent(**content: Json) -> Json:
    return {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": 1795300000000, **content}


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"7", b"object=page", b'{"object": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook) as caught:
        MESSENGER.parse(WebhookRequest(body), Identity())
    assert caught.value.status == 400


@pytest.mark.parametrize("name", fixtures.webhooks("messenger"))
def test_a_call_is_read_as_expected(name: str) -> None:
    events = [asdict(event) for event in parsed(fixtures.content("messenger", name))]
    expected = fixtures.content("messenger", f"{name}.expected")
    assert [{**event, "raw": None} for event in events] == [{**event, "raw": None} for event in expected]


@pytest.mark.parametrize("name", fixtures.webhooks("messenger"))
def test_each_event_is_kept_as_it_came(name: str) -> None:
    body = fixtures.content("messenger", name)
    lists = [value for entry in body["entry"] for value in entry.values() if isinstance(value, list)]
    assert [event.raw for event in parsed(body)] == [event for events in lists for event in events]


def test_events_of_several_pages_and_people_are_put_in_the_order_of_their_time() -> None:
    entries = [
        {"id": page, "messaging": [sent(timestamp=time, message={"mid": mid, "text": mid}) for time, mid in events]}
        for page, events in {"1": [(30, "d"), (10, "a")], "2": [(20, "b"), (20, "c")]}.items()
    ]
    events = parsed({"object": "page", "entry": entries})
    assert [(event.text, event.provider_sequence, event.account) for event in events] == [
        ("a", 10, "1"),
        ("b", 20, "2"),
        ("c", 20, "2"),
        ("d", 30, "1"),
    ]


def test_an_event_of_an_entry_without_id_is_for_nobody_else() -> None:
    event = only({"object": "page", "entry": [{"messaging": [sent(message={"mid": "m", "text": "x"})]}]})
    assert (event.kind, event.account) == (Kind.TEXT, "")


def test_ids_that_are_numbers_are_read_as_text() -> None:
    event = only({"object": "page", "entry": [{"id": 7, "messaging": [sent(sender={"id": 8}, message={"text": "x"})]}]})
    assert (event.account, event.chat_id) == ("7", "8")


@pytest.mark.parametrize(
    ("message", "kind", "seen"),
    [
        ({"text": "  hello\n"}, Kind.TEXT, "hello"),
        ({"text": ""}, Kind.TEXT, ""),
        ({"text": "a\x00b\ud83d"}, Kind.TEXT, "a\ufffdb\ufffd"),
        ({"text": "Red", "quick_reply": {"payload": "COLOR:RED"}}, Kind.BUTTON, "COLOR:RED"),
        ({"text": "Red", "quick_reply": {"payload": " RED "}}, Kind.BUTTON, " RED "),
        ({"text": "Red", "quick_reply": {"payload": ""}}, Kind.BUTTON, "Red"),
        ({"text": "Red", "quick_reply": {"payload": 7}}, Kind.BUTTON, "Red"),
        ({"text": "Red", "quick_reply": {}}, Kind.BUTTON, "Red"),
        ({"quick_reply": {"payload": "COLOR:RED"}}, Kind.BUTTON, "COLOR:RED"),
        ({"text": "Red", "quick_reply": None}, Kind.TEXT, "Red"),
        ({"text": "GET_STARTED"}, Kind.TEXT, "GET_STARTED"),
    ],
)
def test_a_message_is_its_text_or_the_quick_replys_payload(message: Json, kind: Kind, seen: str) -> None:
    event = only(posted(sent(message={"mid": "m", **message})))
    assert (event.kind, event.text) == (kind, seen)


@pytest.mark.parametrize(
    ("postback", "seen"),
    [
        ({"payload": " MENU "}, " MENU "),
        ({"payload": ""}, ""),
        ({"title": "Get Started", "payload": "GET_STARTED"}, "/start"),
        ({"title": "Empezar", "payload": "GET_STARTED"}, "/start"),
        ({"title": "Get Started"}, "/start"),
        ({"title": "Get Started", "payload": "WELCOME"}, "WELCOME"),
        ({"title": "Get started", "payload": "Get started"}, "Get started"),
        ({"payload": "GET_STARTED", "referral": {"ref": "promo 42"}}, "/start promo 42"),
        ({"payload": "GET_STARTED", "referral": {"ref": ""}}, "/start"),
        ({"payload": "GET_STARTED", "referral": {"ref": 42}}, "/start"),
        ({"payload": "GET_STARTED", "referral": "odd"}, "/start"),
        ({"payload": "MENU", "referral": {"ref": "promo_42"}}, "/start promo_42"),
        ({"payload": "MENU", "referral": {"ref": ""}}, "MENU"),
        ({"payload": " MENU ", "referral": "odd"}, " MENU "),
    ],
)
def test_a_postback_is_its_payload_and_who_gets_started_says_start(postback: Json, seen: str) -> None:
    event = only(posted(sent(postback={"mid": "m", **postback})))
    assert (event.kind, event.text) == (Kind.BUTTON, seen)


@pytest.mark.parametrize(
    ("name", "path", "value", "reason"),
    [
        ("text", "sender", ..., "an event without sender"),
        ("text", "sender", "7", "an event without sender"),
        ("text", "sender.id", "", "an event without sender"),
        ("text", "sender.id", None, "an event without sender"),
        ("text", "sender.id", True, "an event without sender"),
        ("text", "sender.id", "7" * 151, "an event without sender"),
        ("text", "sender", {"user_ref": "x"}, "an event without sender"),
        ("text", "sender.id", PAGE, "written by the page itself"),
        ("text", "recipient.id", PERSON, "written by the page itself"),
        ("text", "timestamp", ..., "an event without timestamp"),
        ("text", "timestamp", "1795300000000", "an event without timestamp"),
        ("text", "timestamp", 1795300000000.0, "an event without timestamp"),
        ("text", "timestamp", True, "an event without timestamp"),
        ("text", "timestamp", -1, "an event without timestamp"),
        ("text", "timestamp", 10**18, "an event without timestamp"),
        ("text", "timestamp", 2**70, "an event without timestamp"),
        ("text", "message", ..., "an event without content"),
        ("text", "message", "x", "an event without content"),
        ("text", "message", {}, "a message without text"),
        ("text", "message.text", None, "a message without text"),
        ("text", "message.text", ["x"], "a message without text"),
        ("text", "message.is_echo", True, "an echo of what the page wrote"),
        ("quick_reply", "message", {"quick_reply": {}}, "a message without text"),
        ("postback", "postback.payload", ..., "a postback without payload"),
        ("postback", "postback.payload", None, "a postback without payload"),
        ("postback", "postback.payload", {"x": 1}, "a postback without payload"),
        ("get_started", "postback.payload", 7, "a postback without payload"),
        ("referral", "referral.ref", ..., "a referral without ref"),
        ("referral", "referral.ref", "", "a referral without ref"),
        ("referral", "referral.ref", 7, "a referral without ref"),
    ],
)
def test_an_authentic_event_that_is_not_as_expected_is_ignored_with_its_reason(
    name: str, path: str, value: Json, reason: str
) -> None:
    event = only(posted(changed(name, path, value)))
    assert (event.kind, event.text, event.reason) == (Kind.IGNORED, None, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "a call that is not about a page"),
        ({"object": "instagram", "entry": [{"id": "1"}]}, "a call that is not about a page"),
        ({"object": "page"}, "a call without entries"),
        ({"object": "page", "entry": []}, "a call without entries"),
        ({"object": "page", "entry": {"id": "1"}}, "a call without entries"),
        ({"object": "page", "entry": [7]}, "an entry that is no object"),
        ({"object": "page", "entry": [{"id": "1", "time": 7}]}, "an entry without events"),
        ({"object": "page", "entry": [{"id": "1", "messaging": []}]}, "an entry without events"),
        ({"object": "page", "entry": [{"id": "1", "messaging": {}}]}, "an entry without events"),
        ({"object": "page", "entry": [{"id": "1", "messaging": ["x"]}]}, "an event that is no object"),
        ({"object": "page", "entry": [{"id": "1", "hop": [{"x": 1}]}]}, "an event of the list hop"),
    ],
)
def test_an_authentic_call_that_is_not_as_expected_is_stored_as_ignored(body: Json, reason: str) -> None:
    event = only(body)
    assert (event.kind, event.text, event.reason, event.chat_id) == (Kind.IGNORED, None, reason, "")


def test_one_odd_entry_spoils_no_other() -> None:
    body = posted(sent(message={"mid": "m", "text": "x"}))
    body["entry"] += [None, {"id": "2"}]
    body["entry"][0]["messaging"].append([])
    assert sorted(event.kind for event in parsed(body)) == [Kind.IGNORED] * 3 + [Kind.TEXT]


def test_an_echo_belongs_to_the_conversation_of_its_recipient() -> None:
    assert only(fixtures.content("messenger", "echo")).chat_id == PERSON


@pytest.mark.parametrize("name", ["delivery", "read", "referral", "postback_without_mid", "reaction", "changes"])
def test_an_event_without_an_id_is_known_by_what_is_in_it(name: str) -> None:
    body = fixtures.content("messenger", name)
    first = only(body)
    again = only({**body, "entry": [dict(reversed({**body["entry"][0], "time": 7}.items()))]})
    other_page = only({**body, "entry": [{**body["entry"][0], "id": "2"}]})
    assert first.external_id == again.external_id != other_page.external_id
    assert len(first.external_id) <= 200


@pytest.mark.parametrize(("mid", "kept"), [("m" * 200, True), ("m" * 201, False), ("", False), (7, False)])
def test_an_id_that_cannot_be_stored_is_replaced_by_its_fingerprint(mid: Json, kept: bool) -> None:
    events = [only(posted(sent(message={"mid": mid, "text": "x"}))) for _ in range(2)]
    assert (events[0].external_id == mid) is kept
    assert events[0].external_id == events[1].external_id
    assert len(events[0].external_id) <= 200


def test_the_id_in_a_reaction_is_that_of_another_message() -> None:
    love, hate = (only(posted(sent(reaction={"mid": "m", "reaction": reaction}))) for reaction in ("love", "angry"))
    assert len({love.external_id, hate.external_id, "m"}) == 3
