"""Parsing the output of a keyboard's template to rows of buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from reprlib import repr as shortened

from permabots.engine.templates import Context, check_keyboard_source, is_constant, render_keyboard_source
from permabots.engine.templates.budget import Budget
from permabots.engine.templates.dry_run import DRY_LIMITS, refuse_certain_failure
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.literals import read_literal
from permabots.engine.templates.value_kinds import Guess, Unknown
from permabots.exceptions import KeyboardError
from permabots.values import Button, Json, Keyboard, storable

_SHOWN = 300
"""Characters of a bad keyboard that its error quotes."""

_URL = re.compile(r"(?:https?://|tg://|mailto:|tel:)", re.IGNORECASE)
_GIVEN = ("data", "env", "message", "pattern", "response", "service", "state_context")
"""Names of the context whose values are unknown when a template is saved."""


def parse_keyboard(rendered: str) -> Keyboard:
    """Return the rows of buttons in the output of a keyboard's template.

    Each list inside the list is a row, and so is each button outside of such a list; lists inside of a row are part of
    the row. A button is ``'label'``, whose data is its label, or ``('label', 'target')``, where the target is the
    address that the button opens, or its data. Numbers count as texts. An empty text and lists without buttons give no
    keyboard.

    Args:
        rendered: a literal in Python's or JSON's notation.

    Raises:
        KeyboardError: the text is not a literal, or a value in it is not a button; the message shows which, and the
            text.
    """
    return _parsed(rendered, complete=True)


def render_keyboard(source: str, context: Context, budget: Budget) -> Keyboard:
    """Return the keyboard of an answer.

    Args:
        source: the template, "" for no keyboard.
        context: the names that the template can read.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the template does not compile, or fails.
        RenderLimitExceeded: the template takes too many steps, or creates or writes too much.
        KeyboardError: as in `parse_keyboard`.
    """
    return _parsed(render_keyboard_source(source, context, budget), complete=True, hide=budget.hide)


def check_keyboard(source: str) -> None:
    """Check a keyboard's template: that it can be used, and gives a keyboard for some values.

    The template is rendered with unknown values, so labels and targets may be empty. If its output is then not a
    keyboard, but a condition read an unknown value or one was written outside of quotes, the template is accepted.

    Args:
        source: the template.

    Raises:
        TemplateError: the template cannot be used, or always fails.
        KeyboardError: the output is never a list of buttons.
    """
    check_keyboard_source(source)
    refuse_certain_failure(lambda guess: _try(source, guess))


def _try(source: str, guess: Guess) -> None:
    unknown = dict.fromkeys(_GIVEN, Unknown(guess))
    rendered = render_keyboard_source(source, {**unknown, "emoji": EMOJI}, Budget(DRY_LIMITS))
    _parsed(rendered, complete=is_constant(source))


def _parsed(rendered: str, *, complete: bool, hide: Callable[[str], str] = str) -> Keyboard:
    """Return the rows; unless `complete`, labels and targets may be empty.

    An error quotes parts of the text, escaped and cut, in which a secret would not be found any more. So the reason is
    the one for the redacted text.
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
    """Return a label or target as text; two surrogates, as JSON writes some characters, become one character."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{shortened(value)} is no text")
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
