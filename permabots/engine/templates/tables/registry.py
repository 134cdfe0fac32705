"""All filters and tests by their names. `filters` fills it; some of them look others up in it."""

from __future__ import annotations

from collections.abc import Callable

from permabots.engine.templates.json_values import Value

FILTERS: dict[str, Callable[..., Value]] = {}
"""Each is called with the run, the value and the arguments."""

TESTS: dict[str, Callable[..., bool]] = {}
"""Each is called with the budget, the value and the arguments."""
