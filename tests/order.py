"""In which order tests are run side by side: those that take long at first, each process its share of them.

With pytest-xdist's ``worksteal`` each process begins with a slice of the list, and who has finished takes from the end
of another's. A long test near the end of a slice would keep everybody waiting, so slices begin with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """What a test is to this: its id."""

    @property
    def nodeid(self) -> str: ...


Test = TypeVar("Test", bound=Named)

LONG = {
    "tests/chaos/test_bugs.py": 82,
    "tests/browser/test_pages.py": 75,
    "tests/process/test_faults.py": 60,
    "tests/process/test_demo.py": 45,
    "tests/process/test_hooks.py": 28,
    "tests/process/test_slow_api.py": 28,
    "tests/contract/test_chat.py": 26,
    "tests/browser/test_without_script.py": 25,
    "tests/process/test_outages.py": 24,
    "tests/browser/test_talking.py": 22,
    "tests/contract/test_api.py": 19,
    "tests/api/fuzz/test_api.py": 18,
    "tests/browser/test_building.py": 16,
    "tests/browser/test_two_authors.py": 14,
    "tests/api/test_hook_recipients.py": 14,
    "tests/pipeline/test_user_api.py": 14,
    "tests/browser/test_browser.py": 12,
    "tests/engine/test_pattern_properties.py": 12,
    "tests/process/test_road.py": 10,
    "tests/browser/test_why.py": 8,
}
"""File -> seconds that its tests take, roughly: they only say how to share."""


def arranged(tests: Sequence[Test], processes: int) -> list[Test]:
    """Return tests in an order in which every process has as much to do.

    Args:
        tests: in any order, which is kept within a file and among those that are quick.
        processes: how many share them.
    """
    shares: list[list[Test]] = [[] for _ in range(processes)]
    seconds = [0] * processes
    for file, weight in sorted(LONG.items(), key=lambda item: -item[1]):
        least = seconds.index(min(seconds))
        shares[least] += [test for test in tests if _file(test) == file]
        seconds[least] += weight
    quick = [test for test in tests if _file(test) not in LONG]
    left, found = len(tests), []
    for place, share in enumerate(shares):
        size = left // (processes - place)  # of the slice, as xdist reckons it
        more = max(0, size - len(share))
        found += share + quick[:more]
        quick = quick[more:]
        left -= size
    return found + quick


def _file(test: Named) -> str:
    return test.nodeid.partition("::")[0]
