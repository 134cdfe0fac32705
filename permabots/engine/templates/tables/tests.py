"""The tests of templates: ``x is odd``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.json_values import CONTAINERS, LISTS, MAPPINGS, called, show
from permabots.engine.templates.rendered_text import Escaped, Safe
from permabots.engine.templates.tables import operators
from permabots.engine.templates.tables.registry import FILTERS, TESTS
from permabots.engine.templates.value_kinds import Kind, Undefined, Unknown, Value
from permabots.exceptions import TemplateError

Test = Callable[..., bool]


def _whole(value: Value) -> int:
    if isinstance(value, Undefined):
        raise TemplateError(operators.undefined_message(value))
    if not isinstance(value, int | float):
        raise TemplateError(f"this test wants a number, not {called(value)}")
    return value  # type: ignore[return-value]


def _divisible(_budget: Budget, value: Value, number: Value) -> bool:
    if number == 0:
        raise TemplateError("division by zero")
    return _whole(value) % _whole(number) == 0


def _defined(_budget: Budget, value: Value) -> bool:
    return bool(value) if isinstance(value, Unknown) else not isinstance(value, Undefined)


def _undefined(_budget: Budget, value: Value) -> bool:
    return not _defined(_budget, value)


def _same(_budget: Budget, value: Value, other: Value) -> bool:
    """Whether two values are the same object; for numbers, texts and other immutable values, whether they are equal."""
    if isinstance(value, Kind) or type(value) in CONTAINERS:
        return value is other
    return (type(value) is type(other) and bool(value == other)) or (isinstance(value, str) and value == other)


def _callable(_budget: Budget, value: Value) -> bool:
    return isinstance(value, Kind) and value.called in ("a function", "a method", "a macro")


def _text_test(method: Callable[[str], bool]) -> Test:
    def test(budget: Budget, value: Value) -> bool:
        text = str(show(value, budget)) if isinstance(value, str | int | float) else ""
        budget.spend(len(text) // 64)
        return method(text)

    return test


def _named(table: str) -> Test:
    def test(_budget: Budget, value: Value) -> bool:
        return isinstance(value, str) and value in (FILTERS if table == "filter" else TESTS)

    return test


def _ordering(name: str) -> Test:
    return lambda budget, value, other: operators.ordered(name, value, other, budget)


def _equal(budget: Budget, value: Value, other: Value) -> bool:
    return operators.equal(value, other, budget)


_ORDERS = {
    "gt": ("gt", "greaterthan", ">"),
    "gteq": ("ge", ">="),
    "lt": ("lt", "lessthan", "<"),
    "lteq": ("le", "<="),
}

ALL_TESTS: Mapping[str, Test] = {
    **{alias: _ordering(name) for name, aliases in _ORDERS.items() for alias in aliases},
    **dict.fromkeys(("eq", "equalto", "=="), _equal),
    **dict.fromkeys(("ne", "!="), lambda budget, value, other: not operators.equal(value, other, budget)),
    "boolean": lambda _budget, value: isinstance(value, bool),
    "callable": _callable,
    "defined": _defined,
    "divisibleby": _divisible,
    "escaped": lambda _budget, value: isinstance(value, Escaped | Safe),
    "even": lambda _budget, value: _whole(value) % 2 == 0,
    "false": lambda _budget, value: value is False,
    "filter": _named("filter"),
    "float": lambda _budget, value: isinstance(value, float),
    "in": lambda budget, value, container: operators.contains(container, value, budget),
    "integer": lambda _budget, value: isinstance(value, int) and not isinstance(value, bool),
    "iterable": lambda _budget, value: isinstance(value, str | Undefined) or type(value) in CONTAINERS,
    "lower": _text_test(str.islower),
    "mapping": lambda _budget, value: type(value) in MAPPINGS,
    "none": lambda _budget, value: value is None,
    "number": lambda _budget, value: isinstance(value, int | float),
    "odd": lambda _budget, value: _whole(value) % 2 == 1,
    "sameas": _same,
    "sequence": lambda _budget, value: isinstance(value, str) or type(value) in (*LISTS, *MAPPINGS),
    "string": lambda _budget, value: isinstance(value, str),
    "test": _named("test"),
    "true": lambda _budget, value: value is True,
    "undefined": _undefined,
    "upper": _text_test(str.isupper),
}
