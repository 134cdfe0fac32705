"""Checking a post before it is accepted: which names in its recipients' texts nothing gives."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from permabots.engine.turn import CompiledBot
from permabots.models import Hook, Recipient
from permabots.pipeline.hooks.recipients import template_values
from permabots.values import Json

MOST_CHECKED = 100
"""Recipients whose own text is rendered before a post is answered."""

CHECK_SECONDS = 0.1
"""Seconds after which no further recipient's text is rendered."""

CHECK_STEPS = 50_000
"""Steps of templates that a check takes for one text, about 0.05 s: it is made in a web process. A template that needs
more is not checked; a worker renders it whole."""


_LONG = "The text was not checked, since it takes long to make: with a gap in it nobody is told."


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in sentences for the caller.

    Args:
        gaps: what makes a text that nobody wants to be told.
        silence: what may be meant so, and may not.
        unchecked: that there are recipients whose text was not looked at.
    """

    gaps: tuple[str, ...]
    silence: tuple[str, ...]
    unchecked: tuple[str, ...]


def check_texts(bot: CompiledBot, hook: Hook, data: Json, chosen: Sequence[Recipient] | None) -> Checked:
    """Render what recipients would be told: once where all are told the same, else for `MOST_CHECKED` at the most.

    Args:
        bot: the hook's.
        hook: whose templates.
        data: what was posted.
        chosen: who is told, None for all.
    """
    definition = hook.definition()
    if not definition.is_personal:
        trace = bot.check_notification(definition, data, None, CHECK_STEPS)
        return Checked((), (), (_LONG,)) if trace is None else Checked(gaps_of(trace), _silence(trace, None), ())
    rows = list((hook.recipients.all() if chosen is None else chosen)[: MOST_CHECKED + 1])
    gaps: dict[str, None] = {}
    silence: tuple[str, ...] = ()
    end = time.monotonic() + CHECK_SECONDS
    count = 0
    for row in rows[:MOST_CHECKED] or [Recipient(hook=hook)]:
        if count and time.monotonic() > end:
            break
        trace = bot.check_notification(definition, data, template_values(row), CHECK_STEPS)
        if trace is None:
            break
        gaps |= dict.fromkeys(gaps_of(trace, row))
        silence = silence or _silence(trace, row)
        count += 1
    left = f"The texts of the first {count} recipients were checked: one with a gap among the others is not told."
    return Checked(tuple(gaps), silence, (left,) if count < len(rows) else ())


def gaps_of(trace: Mapping[str, Any], recipient: Recipient | None = None) -> tuple[str, ...]:
    """Return a sentence for each reason why a text would be empty or cannot be sent."""
    if error := trace.get("error"):
        return (f"{_untold(recipient)}, the template fails: {error['where']}: {error['message']}",)
    return tuple(f"{name} is read by the template, and nothing gives it." for name in trace.get("undefined", ()))


def _silence(trace: Mapping[str, Any], recipient: Recipient | None) -> tuple[str, ...]:
    return () if trace.get("texts") else (f"{_untold(recipient)}: the text is empty.",)


def _untold(recipient: Recipient | None) -> str:
    return f"{recipient.name} is not told" if recipient else "Nobody is told"
