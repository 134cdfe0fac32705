"""From what a keyboard's template writes to rows of buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from reprlib import repr as shortened

from permabots.engine.templates import Context, check_keyboard_source, is_constant, render_keyboard_source
from permabots.engine.templates.budget import Budget, RenderLimits
from permabots.engine.templates.dry_run import refuse_certain_failure
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.literals import read_literal
from permabots.engine.templates.value_kinds import Guess, Unknown
from permabots.exceptions import KeyboardError
from permabots.values import Button, Json, Keyboard, storable

_SHOWN = 300
"""Characters of a bad keyboard that its error shows."""

_URL = re.compile(r"(?:https?://|tg://|mailto:|tel:)", re.IGNORECASE)
_GIVEN = ("data", "env", "message", "pattern", "response", "service", "state_context")
"""Names of what templates see, of which nothing is there yet when they are saved."""


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
    return _parsed(render_keyboard_source(source, context, budget), complete=True, hide=budget.hide)


def check_keyboard(source: str) -> None:
    """Refuse a template that cannot be used, or does not give a keyboard whatever is filled in.

    It is tried with nothing filled in: labels and targets may come out empty then. Where that gives no keyboard, but a
    condition or a value outside of quotes had a part in it, nobody can know, and the template is taken.

    Raises:
        TemplateError: it cannot be used, or fails.
        KeyboardError: what it writes is no list of buttons.
    """
    check_keyboard_source(source)
    refuse_certain_failure(lambda guess: _try(source, guess))


def _try(source: str, guess: Guess) -> None:
    unknown = dict.fromkeys(_GIVEN, Unknown(guess))
    rendered = render_keyboard_source(source, {**unknown, "emoji": EMOJI}, Budget(RenderLimits()))
    _parsed(rendered, complete=is_constant(source))


def _parsed(rendered: str, *, complete: bool, hide: Callable[[str], str] = str) -> Keyboard:
    """Return the rows; unless `complete`, buttons may be empty.

    An error quotes pieces of the text, escaped and cut, where no secret would be found any more: so it is the error of
    the text without its secrets.
    """
    source = rendered.strip()
    try:
        return _rows(source, complete) if source else ()
    except (TypeError, ValueError) as error:
        hidden = hide(source)
        reason = str(error) if hidden == source else _reason(hidden, complete)
        shown = storable(hidden if len(hidden) <= _SHOWN else hidden[:_SHOWN] + "…")
        raise KeyboardError(f"this is not a list of buttons, {reason}: {shown}") from error


def _reason(source: str, complete: bool) -> str:
    try:
        _rows(source, complete)
    except (TypeError, ValueError) as error:
        return str(error)
    return "which is because of a secret in it"


def _rows(source: str, complete: bool) -> Keyboard:
    value = read_literal(source)
    rows = (
        tuple(_button(button, complete) for button in _flat(item))
        for item in (value if isinstance(value, list) else [value])
    )
    return tuple(row for row in rows if row)


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
