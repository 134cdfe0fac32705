"""The plainest form of a message, text only: for messages that a provider refused in any other form."""

from __future__ import annotations

from collections.abc import Iterable

from permabots.providers.base.splitting import Unit, length
from permabots.values import Button


def with_buttons(text: str, buttons: Iterable[Button], limit: int, unit: Unit) -> str:
    """Return a text with a line for each button below it: a link's label and address, else the button's label.

    Args:
        text: a text within the limit.
        buttons: the buttons, in order; the ones that do not fit are left out.
        limit: the longest text.
        unit: the unit of the limit.
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
