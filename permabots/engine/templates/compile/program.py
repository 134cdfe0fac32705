"""Compiled templates, and the cache of them."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from cachetools import LRUCache, cached
from jinja2 import Environment, TemplateSyntaxError, nodes

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.compile.names import Names
from permabots.engine.templates.compile.nesting import NestingCheck
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.compile.statements import Statements
from permabots.engine.templates.compile.tree_facts import beginning_of, height_of
from permabots.engine.templates.kinds import TemplateKind
from permabots.engine.templates.now import NowExtension
from permabots.engine.templates.value_kinds import Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

MAX_SOURCE = 50_000
"""The longest template, in characters."""

MAX_SIGNS = 5_000
"""The most ``{`` signs in a template: each may begin a block or a comment, and Jinja's lexer is slow with many."""

MAX_CACHE_BYTES = 64_000_000
"""Memory of all compiled templates that a process caches: about 7,000 of ten names each."""

_PROGRAM_BYTES = 4_000
_NODE_BYTES = 700
_CHARACTER_BYTES = 4
"""The most memory that a compiled template takes: for itself, for each node, and for each character of its source."""

_ENVIRONMENT = Environment(extensions=[NestingCheck, NowExtension], autoescape=False)  # noqa: S701 - parses only: `kinds` escapes


class Program:
    """A compiled template. Threads may share it.

    Args:
        kind: the kind of template.
        source: the template's source.

    Attributes:
        size: bytes of memory that it takes at most.
        reads: the dotted names that it reads from its context, without the names that it sets itself.

    Raises:
        TemplateError: the template cannot be used; the message says why, and in which line.
    """

    def __init__(self, kind: TemplateKind, source: str) -> None:
        tree = parsed(source)
        names = Names(tree)
        statements = Statements(names, beginning_of(tree) if kind.begins else frozenset())
        self._kind = kind
        self._body = statements.body(tree.body)
        self._frames = height_of(tree)
        self.size = _PROGRAM_BYTES + _NODE_BYTES * statements.made + _CHARACTER_BYTES * len(source)
        self.reads = tuple(name for name in names.reads if name.partition(".")[0] not in names.stored)

    def render(self, context: Mapping[str, Value], budget: Budget) -> str:
        """Return the template's output, with every value escaped for its place.

        Args:
            context: the names that the template can read: JSON with text keys, dates and times.
            budget: what the turn may still cost.

        Raises:
            TemplateError: the template failed; the message says why, and in which line.
            RenderLimitExceeded: the template takes too many steps, or creates or writes too much.
        """
        run = Run(self._kind, context, budget)
        try:
            budget.enter(self._frames)
            try:
                self._body(run)
            finally:
                budget.frames -= self._frames
                budget.pause()
        except RecursionError as error:  # the caller of `render` has used nearly all of Python's stack
            raise RenderLimitExceeded("it calls itself, or nests, too deeply") from error
        limit = budget.limits.max_chars
        if sum(map(len, run.out)) <= limit:
            text = self._kind.write(run.out)
            if len(text) <= limit:
                return text
        raise RenderLimitExceeded(f"the template writes more than {limit:,} characters")


def parsed(source: str) -> nodes.Template:
    """Return a template's syntax tree.

    Raises:
        TemplateError: the template is too long, nested too deeply, or malformed; the message says which, and in which
            line.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"a template may have {MAX_SOURCE:,} characters, this one has {len(source):,}")
    if (signs := source.count("{")) > MAX_SIGNS:
        raise TemplateError(f"a template may have {MAX_SIGNS:,} signs {{, this one has {signs:,}")
    try:
        return _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "it cannot be understood", error.lineno) from error
    except (OverflowError, ValueError) as error:
        raise TemplateError("it holds a number that is too long") from error


@cached(LRUCache(MAX_CACHE_BYTES, getsizeof=lambda ready: ready.size), lambda *of: of, Lock())
def program(kind: TemplateKind, source: str) -> Program:
    """Return a compiled template; the least recently used ones are dropped from the cache.

    Args:
        kind: the kind of template.
        source: the template's source.

    Raises:
        TemplateError: the template cannot be used; the message says why, and in which line.
    """
    try:
        return Program(kind, source)
    except RecursionError as error:
        raise TemplateError("it nests too deeply") from error
