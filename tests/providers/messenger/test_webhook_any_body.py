"""No body of the webhook is an error, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from permabots.values import Inbound, Json, Kind
from tests.providers.messenger.events import MESSENGER, changed, only, parsed, posted

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    ("text", path) for path in ("sender", "sender.id", "recipient", "recipient.id", "timestamp", "message")
] + [
    ("quick_reply", path) for path in ("message.mid", "message.text", "message.quick_reply", "message.is_echo")
] + [
    ("get_started", path) for path in ("postback", "postback.payload", "postback.title", "postback.referral")
] + [
    ("referral", path) for path in ("referral", "referral.ref", "timestamp")
]  # fmt: skip


def check(event: Inbound) -> None:
    assert (event.kind is Kind.IGNORED) == bool(event.reason) == (event.text is None)
    assert 0 < len(event.external_id) <= 200
    assert len(event.chat_id) <= 150
    assert event.chat_id or event.kind is Kind.IGNORED
    MESSENGER.message_context(event)


@given(st.sampled_from(PATHS), JSON)
def test_no_value_anywhere_in_an_event_is_an_error(place: tuple[str, str], value: Json) -> None:
    check(only(posted(changed(*place, value))))


ENTRIES = st.dictionaries(st.sampled_from(["id", "time", "messaging", "standby", "changes", "x"]), JSON)
EVENTS = st.dictionaries(
    st.sampled_from(["sender", "recipient", "timestamp", "message", "postback", "read", "x"]), JSON
)


@given(
    st.dictionaries(st.text(max_size=5), JSON)
    | st.fixed_dictionaries({"object": JSON, "entry": JSON})
    | st.fixed_dictionaries({"object": st.just("page"), "entry": st.lists(JSON | ENTRIES, max_size=3)})
    | EVENTS.map(posted)
)
def test_no_object_is_an_error_and_none_is_lost(body: dict[str, Json]) -> None:
    events = parsed(body)
    assert events
    for event in events:
        check(event)
