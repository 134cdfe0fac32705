"""From what a keyboard's template writes to rows of buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from reprlib import repr as shortened

from jinja2 import UndefinedError

from permabots.engine.emoji import EMOJI
from permabots.engine.literals import read_literal
from permabots.engine.templates import Budget, Context, RenderLimits, check_keyboard_source, render_keyboard_source
from permabots.exceptions import KeyboardError, TemplateError
from permabots.messages import Button, Json, Keyboard, storable

_SHOWN = 300
"""Characters of a bad keyboard that its error shows."""

_URL = re.compile(r"(?:https?://|tg://|mailto:|tel:)", re.IGNORECASE)
_STATE = re.compile(r"state_context(?:\.(\w+)|\[['\"]([^'\"]+)['\"]\])")


def parse_keyboard(rendered: str) -> Keyboard:
    """Return the rows of buttons that a keyboard's template has written.

    Each list inside the list is a row, and so is each button that stands by itself; lists inside of a row belong to it.
    A button is ``'label'``, which answers with its label when it is pressed, or ``('label', 'target')``, where the
    target is the address that it opens or the data that it answers with. Numbers are texts. Nothing, and lists of
    nothing, are no keyboard.

    Args:
        rendered: a literal in Python's or JSON's notation.

    Raises:
        KeyboardError: it is none, or something in it is no button; the message shows which, and the text.
    """
    return _parsed(rendered, complete=True)


def render_keyboard(source: str, context: Context, budget: Budget) -> Keyboard:
    """Return the keyboard of an answer.

    Args:
        source: the template, "" for no keyboard.
        context: what it sees.
        budget: what the turn may still cost.

    Raises:
        TemplateError: it does not compile, or fails.
        RenderLimitExceeded: it runs too long, or makes or writes too much.
        KeyboardError: as `parse_keyboard`.
    """
    return parse_keyboard(render_keyboard_source(source, context, budget))


def check_keyboard(source: str) -> None:
    """Refuse a template that does not compile, or does not give a keyboard when there is nothing to fill in.

    Labels and targets may come out empty then. A template that computes with a value it does not have cannot be tried,
    and is accepted.

    Raises:
        TemplateError: it does not compile, or fails.
        KeyboardError: what it writes is no list of buttons.
    """
    check_keyboard_source(source)
    states: Json = {plain or quoted: {"response": {}, "pattern": {}} for plain, quoted in _STATE.findall(source)}
    context: dict[str, Json] = {name: {} for name in ("env", "response", "pattern", "message", "data")}
    try:
        rendered = render_keyboard_source(
            source, {**context, "state_context": states, "emoji": EMOJI}, Budget(RenderLimits())
        )
    except TemplateError as error:
        if isinstance(error.__cause__, UndefinedError):
            return
        raise
    _parsed(rendered, complete=False)


def _parsed(rendered: str, *, complete: bool) -> Keyboard:
    """Return the rows; unless `complete`, buttons may be empty."""
    source = rendered.strip()
    if not source:
        return ()
    try:
        value = read_literal(source)
        rows = (
            tuple(_button(button, complete) for button in _flat(item))
            for item in (value if isinstance(value, list) else [value])
        )
        return tuple(row for row in rows if row)
    except (TypeError, ValueError) as error:
        shown = storable(source if len(source) <= _SHOWN else source[:_SHOWN] + "…")
        raise KeyboardError(f"this is not a list of buttons, {error}: {shown}") from error


def _flat(item: Json) -> Iterator[Json]:
    if isinstance(item, list):
        for inner in item:
            yield from _flat(inner)
    else:
        yield item


def _button(item: Json, complete: bool) -> Button:
    pair = item if isinstance(item, tuple) else (item, item)
    if len(pair) != 2:
        raise ValueError(f"{shortened(item)} has {len(pair)} parts, not a label and a target")
    label, target = (_text(part) for part in pair)
    if complete and not (label.strip() and target.strip()):
        raise ValueError(f"{shortened(item)} has an empty {'target' if label.strip() else 'label'}")
    if isinstance(item, tuple) and _URL.match(target):
        return Button(label, url=target)
    return Button(label, data=target)


def _text(value: Json) -> str:
    """Return a label or target, the halves of a character put together where JSON wrote them as two."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{shortened(value)} is no text")
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
