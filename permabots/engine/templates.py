"""The templates of a bot's author, rendered with what is known about a message, within limits.

There are five kinds: the text of an answer, its keyboard, and the URL, the parameters and the data of a request. They
differ only in how values are escaped. The text is HTML: ``& < >`` in values become entities. In a URL values are
percent-encoded. In data they are JSON. In a keyboard they can only ever be text inside the quotes they stand in. In a
parameter nothing is escaped: what sends it does that.

Not escaped are the author's own words: literals in expressions, environment variables (in a keyboard these are values
as any other), and what has gone through the filter ``safe``.
"""

from __future__ import annotations

from permabots.engine.rendering import KEYBOARD, PARAMETER, TEXT, URL, Context, compiled, render
from permabots.engine.request_data import check_data, render_data
from permabots.engine.sandbox.budget import Budget, RenderLimits

__all__ = [
    "Budget",
    "Context",
    "RenderLimits",
    "check_data",
    "check_keyboard_source",
    "check_parameter",
    "check_text",
    "check_url",
    "render_data",
    "render_keyboard_source",
    "render_parameter",
    "render_text",
    "render_url",
]


def render_text(source: str, context: Context, budget: Budget) -> str:
    """Return the text of an answer, in HTML, as it comes out: not trimmed, not cut into messages.

    Args:
        source: the template.
        context: what it sees; ``env`` maps the names of the environment's variables to texts.
        budget: what the turn may still cost.

    Raises:
        TemplateError: it does not compile, or fails; the message says why, and in which line.
        RenderLimitExceeded: it runs too long, or makes or writes too much.
    """
    return render(TEXT, source, context, budget)


def render_url(source: str, context: Context, budget: Budget) -> str:
    """Return the URL of a request, without blanks around it. A value that begins the URL is not encoded.

    Args and errors are those of `render_text`.
    """
    return render(URL, source, context, budget).strip()


def render_parameter(source: str, context: Context, budget: Budget) -> str:
    """Return the value of a query or header parameter. Args and errors are those of `render_text`."""
    return render(PARAMETER, source, context, budget)


def render_keyboard_source(source: str, context: Context, budget: Budget) -> str:
    """Return what a keyboard's template writes, to be parsed. Args and errors are those of `render_text`."""
    return render(KEYBOARD, source, context, budget)


def check_text(source: str) -> None:
    """Refuse a text template that does not compile.

    Raises:
        TemplateError: says what is wrong, and in which line.
    """
    compiled(TEXT, source)


def check_url(source: str) -> None:
    """Refuse a URL template that does not compile, as `check_text`."""
    compiled(URL, source)


def check_parameter(source: str) -> None:
    """Refuse a parameter's template that does not compile, as `check_text`."""
    compiled(PARAMETER, source)


def check_keyboard_source(source: str) -> None:
    """Refuse a keyboard's template that does not compile, as `check_text`."""
    compiled(KEYBOARD, source)
