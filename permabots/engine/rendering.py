"""Compiling a template once, and rendering it within limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import Template

from permabots.engine.sandbox.budget import Budget
from permabots.engine.sandbox.environment import TemplateEnvironment, explained
from permabots.engine.sandbox.escaping import Written, WrittenData, WrittenKeyboard, WrittenText, WrittenUrl
from permabots.exceptions import RenderLimitExceeded, TemplateError
from permabots.messages import Json

Context = Mapping[str, Json]

MAX_SOURCE = 50_000
"""The longest template, in characters."""

_CACHED = 4096
"""Compiled templates that are kept in the process."""

TEXT = TemplateEnvironment(WrittenText)
URL = TemplateEnvironment(WrittenUrl, raw_beginning=True)
PARAMETER = TemplateEnvironment(Written)
DATA = TemplateEnvironment(WrittenData)
KEYBOARD = TemplateEnvironment(WrittenKeyboard, trusts_env=False)


@lru_cache(maxsize=_CACHED)
def compiled(environment: TemplateEnvironment, source: str) -> Template:
    """Return a template, compiled.

    Raises:
        TemplateError: it does not compile; the message says why, and in which line.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"a template may have {MAX_SOURCE:,} characters, this one has {len(source):,}")
    try:
        return environment.from_string(source)
    except (OverflowError, RecursionError, SyntaxError, ValueError) as error:
        raise TemplateError(f"it cannot be compiled: {explained(error)}") from error


def render(environment: TemplateEnvironment, source: str, context: Context, budget: Budget) -> str:
    """Return what a template writes.

    Args:
        environment: one of those above.
        source: the template.
        context: what it sees.
        budget: what it may cost.

    Raises:
        TemplateError: it does not compile, or fails.
        RenderLimitExceeded: it runs too long, or makes or writes too much.
    """
    template = compiled(environment, source)
    pieces = []
    room = budget.limits.max_chars
    with budget.rendering():
        for piece in template.generate(_seen(environment, source, context)):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise RenderLimitExceeded(f"the template writes more than {budget.limits.max_chars:,} characters")
    return "".join(pieces)


def _seen(environment: TemplateEnvironment, source: str, context: Context) -> Context:
    """Return the context, with the environment's variables as their author's own words where they count as such."""
    if not environment.trusts_env or "env" not in source:
        return context
    return {**context, "env": {name: environment.kind.own(text) for name, text in context.get("env", {}).items()}}
