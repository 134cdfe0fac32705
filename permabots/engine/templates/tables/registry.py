"""The tables of all filters and tests. `filters` fills them; filters such as ``map`` look others up in them."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.value_kinds import Unknown, Value

FILTERS: dict[str, Callable[..., Value]] = {}
"""The filters by name: functions that take the run, the value and the arguments."""

TESTS: dict[str, Callable[..., bool]] = {}
"""The tests by name: functions that take the budget, the value and the arguments."""

FILTERS_OF_UNKNOWN = frozenset({"d", "default"})
"""Filters that are also called with unknown values."""

TESTS_OF_UNKNOWN = frozenset({"defined", "undefined"})
"""Tests that are also called with unknown values."""


def unknown_among(arguments: list[Value], names: dict[str, Value]) -> Unknown | None:
    """Return the first unknown argument, None without one: the result of a call with an unknown argument is unknown.

    Args:
        arguments: the arguments by position.
        names: the arguments by name.
    """
    for value in arguments:
        if type(value) is Unknown:
            return value
    for value in names.values():
        if type(value) is Unknown:
            return value
    return None
