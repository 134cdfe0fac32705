"""The templates of a bot's author, rendered with what is known about a message, within limits.

The language is Jinja's, read by Jinja's parser; `compile` turns its syntax tree into functions of ours over JSON
values, so that nothing of a template is ever executed by Python. There are five kinds: the text of an answer, its
keyboard, and the URL, the parameters and the data of a request. They differ in how a value is escaped when it is
written, see `kinds`:

In a text, which is HTML, so that it makes no tag and leaves no attribute. In a URL percent-encoded. In data as JSON. In
a keyboard as text inside the quotes where it stands. In a parameter not at all: what sends it does that.
"""

from __future__ import annotations

from collections.abc import Mapping

from permabots.engine.templates import kinds
from permabots.engine.templates.budget import Budget, RenderLimits
from permabots.engine.templates.compile.place_check import check_places
from permabots.engine.templates.compile.program import parsed, program
from permabots.engine.templates.dry_run import check_runs, is_constant
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.request_data import check_data, render_data
from permabots.markup import refused_links, without_refused_links
from permabots.values import Json

Context = Mapping[str, Json]

__all__ = [
    "Budget",
    "Context",
    "RenderLimits",
    "check_data",
    "check_keyboard_source",
    "check_parameter",
    "check_text",
    "check_url",
    "is_constant",
    "names_read",
    "render_data",
    "render_keyboard_source",
    "render_parameter",
    "render_text",
    "render_url",
]


def render_text(source: str, context: Context, budget: Budget) -> str:
    """Return the text of an answer, in HTML, as it comes out: not trimmed, not cut into messages.

    A link with an address that no link may have is its words; the budget notes the address.

    Args:
        source: the template.
        context: what it sees; ``env`` maps the names of the environment's variables to texts.
        budget: what the turn may still cost.

    Raises:
        TemplateError: it cannot be used, or fails; the message says why, and in which line.
        RenderLimitExceeded: it takes too many steps, or makes or writes too much.
    """
    text = program(kinds.TEXT, source).render(context, budget)
    refused = refused_links(text)
    for address in refused:
        budget.note_refused_link(address)
    return without_refused_links(text) if refused else text


def render_url(source: str, context: Context, budget: Budget) -> str:
    """Return the URL of a request, without blanks around it. A value that begins the URL is not encoded.

    Args and errors are those of `render_text`.
    """
    return program(kinds.URL, source).render(context, budget).strip()


def render_parameter(source: str, context: Context, budget: Budget) -> str:
    """Return the value of a query or header parameter. Args and errors are those of `render_text`."""
    return program(kinds.PARAMETER, source).render(context, budget)


def render_keyboard_source(source: str, context: Context, budget: Budget) -> str:
    """Return what a keyboard's template writes, to be parsed. Args and errors are those of `render_text`."""
    return program(kinds.KEYBOARD, source).render(context, budget)


def names_read(source: str) -> tuple[str, ...]:
    """Return the dotted names that a template reads from outside, in order, each once.

    Raises:
        TemplateError: it cannot be used.
    """
    return program(kinds.PARAMETER, source).reads


def check_text(source: str) -> None:
    """Refuse a text template that cannot be used, or that has a value where none can stand.

    Raises:
        TemplateError: says what is wrong, and in which line.
    """
    _check(kinds.TEXT, source)


def check_url(source: str) -> None:
    """Refuse a URL template that cannot be used, as `check_text`."""
    _check(kinds.URL, source)


def check_parameter(source: str) -> None:
    """Refuse a parameter's template that cannot be used, as `check_text`."""
    _check(kinds.PARAMETER, source)


def check_keyboard_source(source: str) -> None:
    """Refuse a keyboard's template that cannot be used, as `check_text`."""
    _check(kinds.KEYBOARD, source)


def _check(kind: TemplateKind, source: str) -> None:
    program(kind, source)
    check_places(kind, parsed(source))
    if kind is not kinds.KEYBOARD:  # that is tried with its buttons
        check_runs(kind, source)
