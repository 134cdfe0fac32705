"""The plainest form of a message: words only, for when a provider refuses anything else."""

from __future__ import annotations

from collections.abc import Iterable

from permabots.providers.base.splitting import Unit, length
from permabots.values import Button


def with_buttons(text: str, buttons: Iterable[Button], limit: int, unit: Unit) -> str:
    """Return a text with its buttons below it, a line each: a link as its label and address, others as their label.

    Args:
        text: within the limit.
        buttons: in order; those that do not fit any more are left out.
        limit: the longest text.
        unit: what the limit counts.
    """
    for button in buttons:
        longer = f"{text}\n{_line(button)}"
        if length(longer, unit) > limit:
            break
        text = longer
    return text


def _line(button: Button) -> str:
    label = button.label.strip()
    if button.url is None or button.url == label:
        return label
    return f"{label}: {button.url}"
