"""The sandbox in which templates run: Jinja's immutable one, with every step bounded and every value escaped."""

from __future__ import annotations

import sys
import traceback
from typing import Any, NoReturn

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from markupsafe import Markup

from permabots.engine.sandbox import rewriting
from permabots.engine.sandbox.budget import Watched, running
from permabots.engine.sandbox.escaping import Written
from permabots.engine.sandbox.filters import filters
from permabots.engine.sandbox.methods import bounded, is_allowed
from permabots.engine.sandbox.nesting import check_nesting
from permabots.engine.sandbox.now import NowExtension
from permabots.engine.sandbox.operators import calculate
from permabots.engine.sandbox.undefined import Missing
from permabots.exceptions import RenderLimitExceeded, TemplateError

FAILURES = (
    JinjaError,
    ArithmeticError,
    AssertionError,  # some filters of Jinja tell so of arguments that make no sense
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a template's own mistakes end in. Anything else, `MemoryError` too, is not its author's to mend."""

_MAX_RANGE = 100_000
_MAX_MESSAGE = 300


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The environment of one kind of template.

    Args:
        kind: how values are escaped.
        raw_beginning: whether a value that begins the output stands there unescaped.
        trusts_env: whether environment variables are their author's own words, and so not escaped.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, kind: type[Written], raw_beginning: bool = False, trusts_env: bool = True) -> None:
        # Never optimized: that would compute constants while compiling, where nothing is bounded.
        super().__init__(
            autoescape=True, undefined=Missing, finalize=self._finalize, optimized=False, extensions=[NowExtension]
        )
        self.kind = kind
        self.trusts_env = trusts_env
        self._raw_beginning = raw_beginning
        self.globals = {"cycler": Cycler, "dict": dict, "joiner": Joiner, "namespace": _Namespace, "range": _range}
        self.filters = filters(self, kind) | {
            rewriting.BEGINS: self._begin,
            rewriting.CONCAT: self._concat,
            rewriting.EACH: Watched,
            rewriting.ITEM: self._item,
            rewriting.LITERAL: kind.literal,
            rewriting.MADE: _admit,
            rewriting.METHOD: self._method,
            rewriting.OUTPUT: self._put,
        }
        self._known = frozenset({f"filter {name}" for name in self.filters} | {f"test {name}" for name in self.tests})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        check_nesting(self.lexer.tokeniter(source, name, filename))
        tree = super()._parse(source, name, filename)
        if self._raw_beginning:
            rewriting.mark_beginning(tree.body)
        return rewriting.rewritten(tree, self._known)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise the error in hand as one for the template's author, with the line it comes from."""
        _, error, _ = sys.exc_info()
        if isinstance(error, TemplateSyntaxError):
            raise TemplateError(error.message or "it cannot be understood", error.lineno) from error
        if isinstance(error, TemplateError):
            raise type(error)(error.message, _line(error)) from error
        if isinstance(error, FAILURES):
            raise TemplateError(explained(error), _line(error)) from error
        raise  # Jinja calls this while it handles the error

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        budget = running.get()
        budget.foresee(sum(map(budget.size, (*args, *kwargs.values()))))
        if isinstance(obj, LoopContext):
            args = tuple(map(Watched, args))
        result = super().call(context, obj, *args, **kwargs)
        if getattr(obj, "__name__", "") == "get":
            return result  # it was there before
        return self._put(result) if "caller" in kwargs else budget.admit(result)  # a call block puts out its result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return calculate(operator, self._own(left), self._own(right), self.kind)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return super().is_safe_attribute(obj, attr, value) and is_allowed(obj, attr)

    def wrap_str_format(self, value: Any) -> Any:
        return bounded(value, self.kind, self)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Missing:
        """Return nothing for what is nobody's business, and say so for a method that templates here do not have."""
        if attribute.startswith("_"):
            return obj[attribute] if isinstance(obj, Missing) else Missing(name=attribute)
        raise SecurityError(f"{type(obj).__name__}.{attribute} cannot be used in a template")

    @pass_context
    def _finalize(self, _context: Context, value: object) -> str:
        return self._put(value)

    def _put(self, value: object) -> str:
        text = self.kind.put(value)
        running.get().spend(len(text))
        return text

    def _begin(self, value: object) -> str:
        return self.kind.own(str(value))

    def _concat(self, *pieces: object) -> str:
        return self.kind.joined(pieces)

    def _item(self, owner: Any, key: Any, path: str) -> Any:
        """Look up a key before an attribute, so that ``response.data.items`` is the API's own ``items``."""
        return _named(self.getitem(self._own(owner), key), owner, key, path)

    def _method(self, owner: Any, name: str, path: str) -> Any:
        return _named(self.getattr(self._own(owner), name), owner, name, path)

    def _own(self, value: Any) -> Any:
        """Return a text that Jinja itself marked as escaped, a macro's output, as one that escapes as we do."""
        return self.kind.own(value) if type(value) is Markup else value


class _Namespace(Namespace):
    def __repr__(self) -> str:
        return "<Namespace>"  # what it holds may change, so it cannot be measured


def explained(error: BaseException) -> str:
    """Return what an error says, in one short line."""
    if isinstance(error, RecursionError):
        return "it calls itself, or nests, too deeply"
    text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())[:_MAX_MESSAGE]
    return text if isinstance(error, JinjaError) else f"{type(error).__name__}: {text}"


def _line(error: BaseException) -> int | None:
    """Return the line of the template in which an error was raised."""
    line = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if template := frame.f_globals.get("__jinja_template__"):
            line = template.get_corresponding_lineno(number)
    return line


def _named(value: Any, owner: Any, key: object, path: str) -> Any:
    if isinstance(value, Missing) and not isinstance(owner, Missing):
        return Missing(name=f"{path}.{key}")
    return value


def _admit(value: Any) -> Any:
    return running.get().admit(value)


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _MAX_RANGE or max(map(abs, bounds)) > sys.maxsize // 4:
        raise RenderLimitExceeded(f"a range is longer than {_MAX_RANGE:,}")
    return numbers
