"""Running the contract without pytest, to see how much of it there is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial

from permabots.testing.contract.expected import Counts
from permabots.testing.contract.suite import Suite


def run(suite: type[Suite]) -> Counts:
    """Run every test of a subclass of the contract.

    Returns:
        How much was checked. The first thing that does not hold is raised.
    """
    suite.counts = Counts()
    for call in _calls(suite):
        call()
    return suite.counts


def _calls(suite: type[Suite]) -> Iterator[Callable[[], object]]:
    """Give the suite's tests, each once for each of its fixtures."""
    for name, test in inspect.getmembers(suite, inspect.isfunction):
        if name.startswith("test"):
            wanted = [argument for argument in inspect.signature(test).parameters if argument != "self"]
            values = suite.cases()[wanted[0]] if wanted else []
            yield from (partial(test, suite(), value) for value in values)
            if not wanted:
                yield partial(test, suite())
