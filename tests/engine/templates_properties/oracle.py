"""What stock Jinja writes, without autoescape, with the differences that permabots documents built in."""

from __future__ import annotations

import functools
import json
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChainableUndefined, UndefinedError, nodes
from jinja2.filters import FILTERS
from jinja2.sandbox import SandboxedEnvironment
from jinja2.tests import TESTS

from permabots.values import Json

_AUTOESCAPE = re.compile(r"(\{%-?) (autoescape true|endautoescape) (-?%\})")
_METHODS = (type("".upper), type(str.upper))
_LISTED = ("batch", "items", "map", "reject", "rejectattr", "reverse", "select", "selectattr", "slice", "unique")
_PLAIN = ("e", "escape", "forceescape", "safe")
_CALLED = "called "
_MAX_BITS = 64
_LONGEST = 100_000


MILDER = re.compile("unhashable type|'in <string>' requires string as left operand, not Missing|surrogates not allowed")
"""Where Jinja fails and we do not: what cannot be in an object or a text is not in it, half a character is ``?``."""

_UNKNOWN = re.compile("^No (filter|test) named '(.*)'")


def is_stricter(message: str) -> bool:
    """Return whether we refuse what Jinja does not: a key that is no text, an unknown name where nothing comes by."""
    unknown = _UNKNOWN.search(message)
    known = FILTERS if unknown and unknown[1] == "filter" else TESTS
    return "keys are texts" in message or bool(unknown and unknown[2] not in known)


class TooMuch(Exception):
    """Stock Jinja would make a value that no template of permabots may make: any refusal of ours is right."""


class Missing(ChainableUndefined):
    """What is undefined: its attributes, and what a call of it gives, are undefined too."""

    def __call__(self, *arguments: Any, **named: Any) -> Missing:
        return self

    def __repr__(self) -> str:
        return "<an undefined value>"


class Keys(dict[str, Any]):
    """An object in which a number, or the like, is looked for by its text."""

    def __contains__(self, key: object) -> bool:
        return super().__contains__(_key(key))


def _key(value: Any) -> Any:
    return str(value) if value is None or isinstance(value, int | float) else value


def _holder(value: Any) -> Any:
    return Keys(value) if isinstance(value, dict) else value


class Method:
    """A method of ours: it shows nothing where it is not called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "<a method>"


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


def _of_a_text(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that takes what is no text as it reads, as most of Jinja's filters of texts do."""
    at = 1 if original in (FILTERS["truncate"], FILTERS["wordwrap"]) else 0  # behind the environment

    @functools.wraps(original)
    def changed(*arguments: Any, **named: Any) -> Any:
        return original(*arguments[:at], str(arguments[at]), *arguments[at + 1 :], **named)

    return changed


def _number(original: Callable[..., Any], nothing: float) -> Callable[..., Any]:
    """Return a filter that gives a number for what is undefined, as it does for a text that is none."""

    def changed(value: Any, default: Any = nothing, *arguments: Any, **named: Any) -> Any:
        return default if isinstance(value, Missing) else original(value, default, *arguments, **named)

    return changed


def _tojson(value: Any, indent: int | None = None) -> str:
    """Return JSON with nothing in it escaped for HTML."""
    text = json.dumps(value, sort_keys=True, indent=indent, ensure_ascii=False, default=_no_value)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def _defined_and(original: Callable[[Any], bool], value: Any) -> bool:
    return not isinstance(value, Missing) and original(value)


def _no_value(value: Any) -> None:
    if not isinstance(value, Missing):
        raise TypeError(value)


def _bounded(value: Any) -> Any:
    """Return a number if it has a place in 64 bits.

    Raises:
        OverflowError: it has not.
    """
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise OverflowError(value)
    return value


class Oracle(SandboxedEnvironment):
    """Stock Jinja. The sandbox is here only since it lets operators be changed."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(undefined=Missing, finalize=self._shown)
        self.filters |= {name: _listed(self.filters[name]) for name in _LISTED}
        self.filters |= {name: _plain(self.filters[name]) for name in _PLAIN}
        self.filters["tojson"] = _tojson
        total = self.filters["sum"]
        self.filters["sum"] = functools.wraps(total)(lambda *args, **named: _bounded(total(*args, **named)))
        self.filters |= {"int": _number(self.filters["int"], 0), "float": _number(self.filters["float"], 0.0)}
        size = self.filters["filesizeformat"]
        self.filters["filesizeformat"] = lambda value, *args: size(0 if isinstance(value, Missing) else value, *args)
        self.filters |= {name: _of_a_text(self.filters[name]) for name in ("indent", "truncate", "wordwrap")}
        self.filters["holder"] = _holder
        self.tests["in"] = lambda value, container: value in _holder(container)
        for name in ("callable", "sequence"):
            self.tests[name] = functools.partial(_defined_and, self.tests[name])
        self.globals["range"] = lambda *bounds: list(range(*bounds))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not attr.startswith("_")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Getattr):
                call.node.attr = _CALLED + call.node.attr
        for operand in tree.find_all(nodes.Operand):
            if operand.op in ("in", "notin"):
                operand.expr = nodes.Filter(operand.expr, "holder", [], [], None, None)
        return tree

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict):
            argument = _key(argument)
        if isinstance(obj, dict) and isinstance(argument, str) and argument not in obj:
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        name = attribute.removeprefix(_CALLED)
        is_method = name != attribute and hasattr(dict, name)
        if isinstance(obj, dict) and name in obj and not is_method:
            return obj[name]
        found = super().getattr(obj, name)
        if name != attribute and isinstance(found, Missing) and not isinstance(obj, Missing | dict):
            raise UndefinedError(name)  # a method that no such value has
        if isinstance(obj, dict) and name in ("items", "keys", "values"):
            return Method(lambda: list(found()))
        if isinstance(obj, str) and name == "join":
            return Method(lambda texts: obj.join(map(str, texts)))
        return found

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "*" and max(_size(left) * _size(right), 0) > _LONGEST:
            raise TooMuch
        return _bounded(super().call_binop(context, operator, left, right))

    @staticmethod
    def _shown(value: Any) -> Any:
        """A method that is not called shows nothing."""
        return "" if isinstance(value, _METHODS) else value


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
