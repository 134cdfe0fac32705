"""Rendering the templates of a bot's author, within limits.

The language is Jinja's, parsed by Jinja; `compile` turns the syntax tree into functions of this package over JSON
values, so that Python never executes any part of a template. There are five kinds of templates: the text of an answer,
its keyboard, and the URL, the parameters and the data of a request. They differ in how values are escaped (`kinds`):

- in a text, which is HTML, so that a value neither begins a tag nor ends an attribute;
- in a URL, percent-encoded;
- in data, as JSON;
- in a keyboard, as text inside the quotes around it;
- in a parameter, not at all: the HTTP client encodes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from permabots.engine.templates import kinds
from permabots.engine.templates.budget import Budget, RenderLimits
from permabots.engine.templates.compile.place_check import check_places
from permabots.engine.templates.compile.program import parsed, program
from permabots.engine.templates.dry_run import DRY_LIMITS, check_runs, is_constant
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.request_data import check_data, render_data
from permabots.markup import refused_links, without_refused_links
from permabots.values import Json

Context = Mapping[str, Json]

__all__ = [
    "DRY_LIMITS",
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
    """Return the text of an answer, in HTML: not trimmed, not split into messages.

    A link whose scheme is not allowed becomes its words; the budget notes the address.

    Args:
        source: the template.
        context: the names that the template can read; ``env`` holds the bot's variables.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the template cannot be used, or fails; the message says why, and in which line.
        RenderLimitExceeded: the template takes too many steps, or creates or writes too much.
    """
    text = program(kinds.TEXT, source).render(context, budget)
    refused = refused_links(text)
    for address in refused:
        budget.note_refused_link(address)
    return without_refused_links(text) if refused else text


def render_url(source: str, context: Context, budget: Budget) -> str:
    """Return the URL of a request, without blanks around it. A value at the beginning of the URL is not encoded.

    Arguments and errors are those of `render_text`.
    """
    return program(kinds.URL, source).render(context, budget).strip()


def render_parameter(source: str, context: Context, budget: Budget) -> str:
    """Return the value of a query or header parameter. Arguments and errors are those of `render_text`."""
    return program(kinds.PARAMETER, source).render(context, budget)


def render_keyboard_source(source: str, context: Context, budget: Budget) -> str:
    """Return the output of a keyboard's template, not parsed. Arguments and errors are those of `render_text`."""
    return program(kinds.KEYBOARD, source).render(context, budget)


def names_read(source: str) -> tuple[str, ...]:
    """Return the dotted names that a template reads from its context, in order, each once.

    Args:
        source: the template.

    Raises:
        TemplateError: the template cannot be used.
    """
    return program(kinds.PARAMETER, source).reads


def check_text(source: str) -> None:
    """Check a text template: that it compiles, has values only where they can stand, and does not always fail.

    Args:
        source: the template.

    Raises:
        TemplateError: the template cannot be used; the message says why, and in which line.
    """
    _check(kinds.TEXT, source)


def check_url(source: str) -> None:
    """Check a URL template, as `check_text` does."""
    _check(kinds.URL, source)


def check_parameter(source: str) -> None:
    """Check a parameter's template, as `check_text` does."""
    _check(kinds.PARAMETER, source)


def check_keyboard_source(source: str) -> None:
    """Check a keyboard's template, as `check_text` does, but without rendering it."""
    _check(kinds.KEYBOARD, source)


def _check(kind: TemplateKind, source: str) -> None:
    program(kind, source)
    check_places(kind, parsed(source))
    if kind is not kinds.KEYBOARD:  # `keyboards.check_keyboard` renders it and parses the buttons
        check_runs(kind, source)
