"""What a webhook's body is read as."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from permabots.testing.contract import malformed_events
from permabots.testing.contract.suite import EXPECTED, Suite
from permabots.values import Inbound, Json, Kind

LONGEST_ID = 200
"""Characters of an event's id that a row takes."""
LONGEST_CHAT = 150
"""Characters of the ids of a chat, a person, an account and a quoted message that a row takes."""
MADE_UP = 500
"""Objects made up of a provider's own names."""
_LARGEST = 2**63 - 1
_KEPT = "what the button's data stands for"


class Events(Suite):
    """Parsing."""

    def test_a_body_is_read_alike_every_time(self, webhook: str) -> None:
        body = self.body(webhook)
        events = self.parse(body)
        self.check(bool(events), f"{webhook}: no event, so nothing of it would be stored")
        for event in events:
            self.check_event(event)
        ids = [event.external_id for event in events]
        self.check(len(set(ids)) == len(ids), f"{webhook}: two events of one call have the same id")
        self.check(self.parse(body) == events, f"{webhook}: read again, it is something else")

    def test_a_body_is_read_as_expected(self, webhook: str) -> None:
        path = self.fixtures / f"{webhook}{EXPECTED}"
        if not path.exists():
            return  # what is expected may as well be told in a test of the provider's own
        expected = json.loads(path.read_bytes())
        found = [asdict(event) for event in self.parse(self.body(webhook))]
        self.check(len(found) == len(expected), f"{webhook}: {len(found)} events, not {len(expected)}")
        for event, wanted in zip(found, expected, strict=True):
            for name, value in wanted.items():
                self.check(event[name] == value, f"{webhook}: {name} is {event[name]!r}, not {value!r}")

    def test_no_value_in_any_place_is_an_error(self, webhook: str) -> None:
        for changed in malformed_events.changed(self.content(webhook)):
            self._check_body(changed)

    def test_no_object_is_an_error(self) -> None:
        names = sorted({"x"}.union(*(malformed_events.names_in(self.content(name)) for name in self.webhooks())))
        for body in ({}, *malformed_events.made_up(names, MADE_UP)):
            self._check_body(body)

    def _check_body(self, body: Json) -> None:
        for event in self.parse(json.dumps(body).encode()):
            self.check_event(event)

    def check_event(self, event: Inbound) -> None:
        """Check that an event can be stored, and answered where it is to be."""
        ignored = event.kind is Kind.IGNORED
        self.check(isinstance(event.kind, Kind), f"kind {event.kind!r}")
        self.check(0 < len(event.external_id) <= LONGEST_ID, f"external_id {event.external_id!r}")
        self.check(
            abs(event.provider_sequence) <= _LARGEST and not isinstance(event.provider_sequence, bool),
            f"number {event.provider_sequence!r}",
        )
        ids: tuple[Any, ...] = (event.chat_id, event.user_id, event.reply_to, event.account)
        for value in ids:
            self.check(isinstance(value, str) and len(value) <= LONGEST_CHAT, f"an id is {value!r}")
        self.check((event.text is None) == ignored, f"{event.kind} with the text {event.text!r}")
        self.check(bool(event.reason) == ignored, f"{event.kind} with the reason {event.reason!r}")
        sender = asdict(event.sender) if event.sender else None
        self.check_json([event.raw, event.text, event.external_id, event.chat_id, event.user_id, sender], "an event")
        if not ignored:
            self._check_answerable(event)

    def _check_answerable(self, event: Inbound) -> None:
        self.check(bool(event.chat_id), "an event to be answered has no chat")
        self.check(bool(event.user_id) or not self.provider.has_users, "an event to be answered has no user")
        provider = self.build()
        with_stored_data = replace(event, text=_KEPT)
        with_context = f"message_context of {event.kind}"
        self.check(_is_plain(provider.message_context(event)), f"{with_context}: more than JSON and datetime")
        told = json.dumps(provider.message_context(with_stored_data), default=str)
        self.check(_KEPT in told, f"{with_context}: it does not show what a button's data stands for")
        for payload in provider.acknowledge(event):
            self.check_json(payload.body, "an acknowledgement")


def _is_plain(value: Any) -> bool:
    """Whether a value is JSON, but for moments: those a template may format, and they are stored as text."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float | bool | datetime)
