"""What a notification says: the same to all, or to each their own where its templates ask who is told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from permabots.models import Notification, Recipient
from permabots.pipeline.answering.compiled_bots import compiled
from permabots.pipeline.hooks.recipients import template_values
from permabots.values import Answer

RENDER_SECONDS = 0.05
"""How long the texts of further recipients are rendered before the rest waits: answers to people come before them."""


class HookTexts:
    """The texts of one notification.

    Args:
        row: the notification, with its hook.

    Attributes:
        trace: of what was rendered for all, or last for somebody.
        error: why nobody can be told.
    """

    def __init__(self, row: Notification) -> None:
        self._row = row
        hook: Any = row.hook
        self._strict = hook.strict
        self._definition = hook.definition()
        self._bot = compiled(row.bot)
        self.trace: dict[str, Any] = {}
        self.error: str | None = None
        self._common: Answer | None = None
        if not self._definition.is_personal:
            outcome = self._bot.notify(self._definition, row.data)
            self.trace, self.error, self._common = outcome.trace, _error(outcome.trace), outcome.answer

    def of(self, recipients: Sequence[Recipient]) -> list[Answer | None]:
        """Return what the first of these recipients are told: as many as can be rendered in `RENDER_SECONDS`.

        None stands for a recipient whose own text could not be rendered: it is among the notification's
        ``failed_recipients``, and ``error`` says why.
        """
        if self._common is not None:
            return [self._common] * len(recipients)
        end = time.monotonic() + RENDER_SECONDS
        answers: list[Answer | None] = []
        for recipient in recipients:
            answers.append(self._personal(recipient))
            if time.monotonic() > end:
                break
        return answers

    def _personal(self, recipient: Recipient) -> Answer | None:
        outcome = self._bot.notify(self._definition, self._row.data, template_values(recipient))
        error = _error(outcome.trace) or (_holes(outcome.trace) if self._strict else None)
        if error is None:
            self.trace = self.trace if self._row.failed_recipients else outcome.trace
            return outcome.answer
        if not self._row.failed_recipients:
            self.trace, self._row.error = outcome.trace, f"{recipient.name}: {error}"
        self._row.failed_recipients.append(str(recipient.pk))
        return None


def _error(trace: dict[str, Any]) -> str | None:
    error = trace.get("error")
    return f"{error['where']}: {error['message']}" if error else None


def _holes(trace: dict[str, Any]) -> str | None:
    missing = ", ".join(trace.get("undefined", ()))
    return f"{missing}: read by the template, and nothing gives it" if missing else None
