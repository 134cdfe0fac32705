"""The operators of templates. Each charges its cost before it computes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

from permabots.engine.templates.budget import BYTES_PER_STEP, Budget
from permabots.engine.templates.json_values import (
    CONTAINERS,
    DATETIMES,
    LISTS,
    MAPPINGS,
    MAX_BITS,
    NUMBERS,
    called,
    charge_new,
    charge_search,
    charge_walk,
    key_of,
)
from permabots.engine.templates.rendered_text import joined, like
from permabots.engine.templates.tables.formats import percent
from permabots.engine.templates.value_kinds import Undefined, Unknown, Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

Operator = Callable[[Value, Value, Budget], Value]

_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_MAX_EXPONENT = 1_024
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
}
_SIGNS = {"gt": ">", "gteq": ">=", "lt": "<", "lteq": "<="}


def arithmetic(symbol: str) -> Operator:
    """Return the function of an operator: ``+ - * / // % **``."""
    special = {"+": _add, "*": _multiply, "%": _modulo, "**": _power}.get(symbol)
    if special:
        return special
    return lambda left, right, budget: _calculated(symbol, left, right)


def _calculated(symbol: str, left: Value, right: Value) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return left if isinstance(left, Unknown) else right
    if not (isinstance(left, NUMBERS) and isinstance(right, NUMBERS)):
        _cannot(symbol, left, right)
    check_bits(left)
    check_bits(right)
    try:
        result = _PLAIN[symbol](left, right)
    except ZeroDivisionError:
        raise TemplateError("division by zero") from None
    return check_bits(result)


def check_bits(value: Value) -> Value:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise RenderLimitExceeded(f"whole numbers beyond {MAX_BITS} bits cannot be computed with")
    return value


def _cannot(symbol: str, left: Value, right: Value) -> NoReturn:
    for value in (left, right):
        if isinstance(value, Undefined):
            raise TemplateError(undefined_message(value))
    hint = ""
    if symbol == "+" and (isinstance(left, str) or isinstance(right, str)):
        hint = ": to join texts write ~, to add numbers |int or |float behind the text"
    raise TemplateError(f"{symbol} cannot take {called(left)} and {called(right)}{hint}")


def undefined_message(value: Undefined) -> str:
    """Return the error message for computing with an undefined value."""
    if value.name:
        return f"{value.name!r} is undefined"
    return "an if without else gave nothing, and nothing cannot be computed with"


def _add(left: Value, right: Value, budget: Budget) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return joined([left, right], budget)
    if type(left) is type(right) and type(left) in LISTS:
        budget.make(8 * (len(left) + len(right)))
        return charge_new(left + right, budget)
    return _calculated("+", left, right)


def _multiply(left: Value, right: Value, budget: Budget) -> Value:
    for things, times in ((left, right), (right, left)):
        if isinstance(things, str) and isinstance(times, int):
            budget.make_text(len(things) * max(0, times))
            return _repeated(things, times)
        if type(things) in LISTS and isinstance(times, int):
            budget.make(8 * len(things) * max(0, times))
            return things * times
    return _calculated("*", left, right)


def _repeated(text: str, times: int) -> str:
    return like(text, str(text) * times)


def _modulo(left: Value, right: Value, budget: Budget) -> Value:
    if isinstance(left, str):
        return percent(left, right, budget)
    return _calculated("%", left, right)


def _power(left: Value, right: Value, budget: Budget) -> Value:
    if isinstance(left, NUMBERS) and isinstance(right, NUMBERS):
        check_bits(left)
        check_bits(right)
        if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and abs(right) > _MAX_EXPONENT:
            raise RenderLimitExceeded("the result is too large a number")
        try:
            result = left**right
        except ZeroDivisionError:
            raise TemplateError("division by zero") from None
        except OverflowError:
            raise TemplateError("the result is too large a number") from None
        if isinstance(result, complex):
            raise TemplateError("a root of a negative number is no number here")
        return check_bits(result)
    return _calculated("**", left, right)


def negative(value: Value) -> Value:
    """Return ``-value``.

    Raises:
        TemplateError: the value is not a number.
    """
    return _calculated("-", 0, value) if isinstance(value, int | Undefined) else _signed("-", value)


def positive(value: Value) -> Value:
    """Return ``+value``.

    Raises:
        TemplateError: the value is not a number.
    """
    return _calculated("+", 0, value) if isinstance(value, int | Undefined) else _signed("+", value)


def _signed(sign: str, value: Value) -> Value:
    if not isinstance(value, float):
        raise TemplateError(f"{sign} cannot stand before {called(value)}")
    return -value if sign == "-" else value


def equal(left: Value, right: Value, budget: Budget) -> bool:
    """Return whether two values are equal; charged by the size of the values."""
    if isinstance(left, str) and isinstance(right, str):
        if len(left) == len(right) and len(left) > BYTES_PER_STEP:
            budget.spend(len(left) // BYTES_PER_STEP)
    elif type(left) in CONTAINERS and type(right) in CONTAINERS and len(left) == len(right):
        charge_walk(left, budget)
        charge_walk(right, budget)
    return bool(left == right)


def ordered(name: str, left: Value, right: Value, budget: Budget) -> bool:
    """Return whether two values are in an order.

    Args:
        name: ``gt``, ``gteq``, ``lt`` or ``lteq``.
        left: the first value.
        right: the second value.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the values cannot be ordered.
    """
    if isinstance(left, NUMBERS) and isinstance(right, NUMBERS):
        return ORDERS[name](left, right)
    if isinstance(left, str) and isinstance(right, str):
        budget.spend(min(len(left), len(right)) // BYTES_PER_STEP)
        return ORDERS[name](left, right)
    if type(left) is type(right) and (type(left) in LISTS or isinstance(left, DATETIMES)):
        charge_walk(left, budget)
        charge_walk(right, budget)
        try:
            return ORDERS[name](left, right)
        except TypeError:
            raise TemplateError(f"{_SIGNS[name]} cannot order what these lists hold") from None
    _cannot(_SIGNS[name], left, right)


def contains(container: Value, value: Value, budget: Budget) -> bool:
    """Return whether a list, the keys of an object or a text holds a value; charged by the size of the container.

    Raises:
        TemplateError: the container cannot hold values, or not values of this kind.
    """
    if isinstance(container, str):
        if isinstance(value, Undefined):
            return False
        if not isinstance(value, str):
            raise TemplateError(f"a text cannot hold {called(value)}")
        budget.spend((len(container) + len(value)) // 64)
        return value in container
    if type(container) in MAPPINGS:
        return (
            False if type(value) in CONTAINERS or isinstance(value, Undefined) else key_of(value, budget) in container
        )
    if type(container) in LISTS:
        charge_search(container, value, budget)
        return value in container
    if isinstance(container, Undefined):
        if container.name:
            budget.note_undefined(container.name)
        return False
    raise TemplateError(f"{called(container)} can hold nothing: in wants a list, an object or a text")
