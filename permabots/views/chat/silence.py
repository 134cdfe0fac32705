"""Why a bot says nothing: the reason in words, and what its author can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from permabots import answering_here
from permabots.conf import get_config
from permabots.models import InboundMessage, OutboundMessage, WorkerHeartbeat

SOON = 3.0
"""Seconds in which a message is answered as a rule; before, nothing is wrong."""
SWEEPS_MISSED = 3
"""So many sweeps have to be missing before workers are reported."""
LONGEST_SHOWN = 60
"""Characters of a message that are repeated."""
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
_LONGEST_PATTERN = 250


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message has no answer.

    Args:
        words: for its author.
        bot: the id of the bot.
        text: what was said.
        pattern: a pattern for a handler that would answer; "" where none is missing.
        has_page: whether the page of the message says more.
    """

    words: str
    bot: str = ""
    text: str = ""
    pattern: str = ""
    has_page: bool = False

    def query(self) -> str:
        """Return the query with which the admin's form for a new handler is filled in."""
        return urlencode({"bot": self.bot, "name": self.text[:50].strip(), "pattern": self.pattern})


def reason(row: InboundMessage) -> Reason | None:
    """Return why a message has no answer; None where it has one, or may still get it.

    Args:
        row: the message.
    """
    status = InboundMessage.Status
    if row.status == status.PENDING:
        return _waits(row)
    if row.status != status.DONE:
        words = {status.FAILED: "The answer failed", status.PARKED: "The message is parked"}.get(
            status(row.status), "The message was not answered"
        )
        return Reason(f"{words}: {row.error or 'see its page'}", has_page=True)
    calls = list(OutboundMessage.objects.filter(inbound=row).order_by("part"))
    if calls:
        return _undelivered(calls)
    handler = (row.trace or {}).get("handler")
    if handler:
        return Reason(f"The handler “{handler['name']}” answers nothing.", has_page=True)
    text = row.text or ""
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    return Reason(f"No handler fits “{shown}”.", str(row.bot_id), text, pattern_for(text))


def pattern_for(text: str) -> str:
    """Return a pattern that finds a text, in small letters or large ones; the beginning of one that is very long."""
    escaped = ""
    for letter in text.strip():
        piece = "\\n" if letter == "\n" else _SPECIAL.sub(r"\\\g<0>", letter)
        if len(escaped) + len(piece) > _LONGEST_PATTERN - len("(?i)^$"):
            return f"(?i)^{escaped}"
        escaped += piece
    return f"(?i)^{escaped}$"


def _waits(row: InboundMessage) -> Reason | None:
    if (timezone.now() - row.received_at).total_seconds() < SOON:
        return None
    if not answering_here.takes(row.provider):
        age = WorkerHeartbeat.objects.age()
        if age is None or age > SWEEPS_MISSED * get_config().sweep_interval:
            looked = "No worker has looked yet" if age is None else f"No worker has looked for {age:.0f} s"
            return Reason(f"{looked}: start one with `celery -A {_project()} worker`.")
    if row.attempts > 1:
        return Reason(f"Its answer was begun {row.attempts} times. {row.error}".strip(), has_page=True)
    return None


def _undelivered(calls: list[OutboundMessage]) -> Reason | None:
    status = OutboundMessage.Status
    for call in calls:
        if call.status in (status.PARKED, status.SKIPPED):
            return Reason(f"The answer was not delivered: {call.error or call.status}", has_page=True)
        if call.status == status.PENDING and call.error:
            return Reason(f"The answer waits: {call.error}", has_page=True)
    return None


def _project() -> str:
    """Return the name of the project's package, where its settings are."""
    return str(getattr(settings, "SETTINGS_MODULE", "") or "yourproject.settings").partition(".")[0]
