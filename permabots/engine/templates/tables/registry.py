"""All filters and tests by their names. `filters` fills it; some of them look others up in it."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.value_kinds import Unknown, Value

FILTERS: dict[str, Callable[..., Value]] = {}
"""Each is called with the run, the value and the arguments."""

TESTS: dict[str, Callable[..., bool]] = {}
"""Each is called with the budget, the value and the arguments."""

KNOWS_UNDEFINED = frozenset({"d", "default"})
"""Filters to which an undefined value, or one that is not there yet, is one as any other."""

ASKS_UNDEFINED = frozenset({"defined", "undefined"})
"""Tests that can tell an undefined value, and one that is not there yet, from others."""


def unknown_among(arguments: list[Value], names: dict[str, Value]) -> Unknown | None:
    """Return the first argument that is not there yet: what is called with one gives something that is not either."""
    for value in arguments:
        if type(value) is Unknown:
            return value
    for value in names.values():
        if type(value) is Unknown:
            return value
    return None
