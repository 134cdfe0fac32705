"""The trace of a turn: the handler that answered, the rejected ones, the request, the rendered texts and the state.

A trace is stored with every message, so it is short, and secrets are redacted in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from permabots.engine.definitions import StateDefinition
from permabots.engine.http.prepared import PreparedCall, TurnError
from permabots.engine.http.responses import ApiResponse
from permabots.engine.matching import Match, Rejection
from permabots.engine.redaction import HIDDEN, Redactor, credentials, is_secret_name, shown_address
from permabots.engine.truncation import summarized
from permabots.values import Button, Json, Keyboard

MIN_SECRET_CHARS = 6
"""The value of a header or parameter with a secret's name is redacted everywhere in the trace if it has so many
characters; a shorter value is redacted only in its own place."""

_ADDRESS_CHARS = 100

_FRAME = frozenset(
    ("id", "name", "reason", "method", "url", "headers", "body", "status", "error", "ms", "data", "text")
) | frozenset(("label", "from", "to", "where", "message", "line"))
"""The keys of a trace's entries. Readers of traces look these up, so they are never redacted."""


class Trace:
    """Collects the entries of one turn's trace.

    Args:
        redactor: replaces the bot's secret variables.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._entries: dict[str, Json] = {}
        self._ms: dict[str, float] = {}
        self._notes: list[str] = []
        self._rejected: tuple[Rejection, ...] = ()

    def hidden(self, text: str) -> str:
        """Return a text without secrets. To be called before the text is cut: a part of a secret is not found."""
        return self._redactor.text(text)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the duration of the block to the time of a step."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._ms[step] = self._ms.get(step, 0.0) + (time.perf_counter() - started) * 1000

    def matched(self, match: Match) -> None:
        """Note the handler that was chosen and the rejected ones."""
        if match.handler is not None:
            self._entries["handler"] = {"id": match.handler.id, "name": match.handler.name}
        self._entries["pattern"] = dict(match.groups)
        self._entries["rejected_total"] = match.rejected_total
        self._rejected = match.rejected

    def called(self, call: PreparedCall, response: ApiResponse) -> None:
        """Note a request and its response."""
        plain = replace(call, url=self.hidden(call.url)).address  # redacted before the address is parsed below
        hosts = () if _authority(plain) == _authority(call.address) else _host_of(call.address)
        self._redactor = self._redactor.with_secrets([*hosts, *_secrets_of(call)])
        self._ms["request"] = response.ms
        self._entries["request"] = _filled(
            method=call.method,
            url=shown_address(plain),
            headers={name: HIDDEN if is_secret_name(name) else value for name, value in call.headers.items()},
            body=(call.body or b"").decode(errors="replace"),
            status=response.status,
            error=response.error,
            ms=round(response.ms, 1),
            data=response.data,
            text=response.text,
        )

    def rendered(self, texts: tuple[str, ...], keyboard: Keyboard) -> None:
        """Note the output of the answer's templates; with an empty text nothing is sent, which the trace notes."""
        self._entries["texts"] = list(texts)
        self._entries["keyboard"] = [[_button(button) for button in row] for row in keyboard]
        if not texts:
            lost = f", nor is the keyboard of {sum(map(len, keyboard))} buttons" if keyboard else ""
            self._notes.append(f"the text is empty: nothing is sent{lost}")

    def links_refused(self, addresses: list[str]) -> None:
        """Note links that are left out of a text for their addresses: their words stay."""
        for address in addresses:
            redacted = self._redactor.text(address)[:_ADDRESS_CHARS]  # cut after redaction
            self._notes.append(f"no link can lead to {redacted!r}: its words are sent without it")

    def messages_joined(self, count: int) -> None:
        """Note that an answer had too many messages, and the last ones are joined.

        Args:
            count: the messages that are joined to one, 0 for none.
        """
        if count:
            self._notes.append(f"too many messages: the last {count} are joined to one")

    def moved(self, state: StateDefinition | None, target: StateDefinition | None) -> None:
        """Note the chat's state and the state it moves to, None for no state and for staying."""
        self._entries["state"] = _filled(**{"from": state and state.name, "to": target and target.name})

    def did_not_move(self, target: StateDefinition, status: int) -> None:
        """Note that the chat does not move, because the API's response is no success."""
        answered = f"answered {status}" if status else "gave no answer"
        self._notes.append(f"the chat does not move to {target.name}: the API {answered}")

    def failed(self, error: TurnError) -> None:
        """Note the error that ended the turn."""
        self._entries["error"] = _filled(where=error.where, message=error.cause.message, line=error.cause.line or 0)

    def used_fallback(self, text: str) -> None:
        """Note that the bot's fallback text is sent, since the turn failed."""
        self._entries["texts"] = [text]
        self._notes.append("the turn failed: the bot's fallback text is sent in its place")

    def finished(self, undefined: list[str]) -> dict[str, Json]:
        """Return the trace as storable JSON: redacted, shortened, without empty entries.

        Args:
            undefined: undefined names that the templates used.
        """
        if error := self._entries.get("error"):
            error["message"] = self._redactor.redact_fragments(error["message"])
        entries = _filled(**self._entries, undefined=undefined, notes=self._notes)
        short = {name: summarized(entry, self._redactor, _FRAME) for name, entry in entries.items()}
        rejected = [
            {"id": other.handler_id, "name": self._redactor.text(other.name), "reason": other.reason}
            for other in self._rejected
        ]
        return _filled(**short, rejected=rejected, ms={step: round(ms, 2) for step, ms in self._ms.items()})


def _filled(**entries: Any) -> dict[str, Json]:
    return {name: value for name, value in entries.items() if value or (name == "status" and value == 0)}


def _button(button: Button) -> dict[str, Json]:
    return _filled(label=button.label, data=button.data, url=button.url)


def _authority(address: str) -> str:
    return re.split("[/?#]", address.partition("://")[2], maxsplit=1)[0]


def _host_of(address: str) -> tuple[str, ...]:
    """Return the host of an address whose authority holds a secret; error messages quote the host, in lower case and,
    where the secret holds an ``@``, only a part of the secret.
    """
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return ()
    return (host,) if host else ()


def _secrets_of(call: PreparedCall) -> Iterator[str]:
    """Yield a call's secrets that are in no secret variable: credentials, those of a header also without the scheme."""
    values = [value for name, value in call.headers.items() if is_secret_name(name)]
    for value in [*values, *(value.split()[-1] for value in values if value.strip()), *credentials(call.address)]:
        if len(value) >= MIN_SECRET_CHARS:
            yield value
