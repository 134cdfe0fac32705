"""What stock Jinja writes, without autoescape, with the differences that permabots documents built in."""

from __future__ import annotations

import functools
import json
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChainableUndefined
from jinja2.sandbox import SandboxedEnvironment

from permabots.messages import Json

_AUTOESCAPE = re.compile(r"(\{%-?) (autoescape true|endautoescape) (-?%\})")
_METHODS = (type("".upper), type(str.upper))
_LISTED = ("batch", "items", "map", "reject", "rejectattr", "reverse", "select", "selectattr", "slice", "unique")
_PLAIN = ("e", "escape", "forceescape", "safe")
_LARGEST = 2**63
_LONGEST = 100_000


class TooMuch(Exception):
    """Stock Jinja would make a value that no template of permabots may make: any refusal of ours is right."""


def _listed(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that gives a list where stock Jinja gives an iterator."""

    @functools.wraps(original)
    def changed(*arguments: Any, **named: Any) -> Any:
        made = original(*arguments, **named)
        return made if isinstance(made, str) else list(made)

    return changed


def _plain(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter whose text is one as any other."""

    @functools.wraps(original)
    def changed(*arguments: Any, **named: Any) -> str:
        return str(original(*arguments, **named))

    return changed


def _tojson(value: Any, indent: int | None = None) -> str:
    """Return JSON with nothing in it escaped for HTML."""
    return json.dumps(value, sort_keys=True, indent=indent, ensure_ascii=False)


def _bounded(value: Any) -> Any:
    """Return a number if it has a place in 64 bits.

    Raises:
        OverflowError: it has not.
    """
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise OverflowError(value)
    return value


class Oracle(SandboxedEnvironment):
    """Stock Jinja. The sandbox is here only since it lets operators be changed."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(undefined=ChainableUndefined, finalize=self._shown)
        self.filters |= {name: _listed(self.filters[name]) for name in _LISTED}
        self.filters |= {name: _plain(self.filters[name]) for name in _PLAIN}
        self.filters["tojson"] = _tojson
        total = self.filters["sum"]
        self.filters["sum"] = functools.wraps(total)(lambda *args, **named: _bounded(total(*args, **named)))
        self.globals["range"] = lambda *bounds: list(range(*bounds))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not attr.startswith("_")

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and type(argument) is int:
            argument = str(argument)
        if isinstance(obj, dict) and isinstance(argument, str) and argument not in obj:
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        found = super().getattr(obj, attribute)
        if isinstance(obj, dict) and attribute in ("items", "keys", "values"):
            return lambda: list(found())
        return found

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "*" and max(_size(left) * _size(right), 0) > _LONGEST:
            raise TooMuch
        return _bounded(super().call_binop(context, operator, left, right))

    @staticmethod
    def _shown(value: Any) -> Any:
        """A method that is not called shows nothing."""
        return "" if isinstance(value, _METHODS) or getattr(value, "__name__", "") == "<lambda>" else value


def _size(value: Any) -> int:
    if isinstance(value, int):
        return value
    return len(value) if isinstance(value, str | list | tuple) else 0


_ORACLE = Oracle()


def expected(source: str, context: Mapping[str, Json]) -> str:
    """Return what stock Jinja writes.

    Raises:
        TooMuch: it would be too much.
        Exception: whatever Jinja and Python raise where a template fails.
    """
    source = _AUTOESCAPE.sub(
        lambda found: f"{found[1]} {'endwith' if found[2][0] == 'e' else 'with'} {found[3]}", source
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of the Python that Jinja writes
        return _ORACLE.from_string(source).render(context)
