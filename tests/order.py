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
    "tests/process/test_faults.py": 126,
    "tests/chaos/test_bugs.py": 116,
    "tests/browser/test_pages.py": 112,
    "tests/process/test_demo.py": 84,
    "tests/browser/test_without_script.py": 60,
    "tests/process/test_hooks.py": 60,
    "tests/api/fuzz/test_api.py": 57,
    "tests/browser/test_talking.py": 46,
    "tests/contract/test_api.py": 46,
    "tests/process/test_slow_api.py": 42,
    "tests/process/test_outages.py": 40,
    "tests/browser/test_chat_accessible.py": 39,
    "tests/browser/test_chat.py": 35,
    "tests/contract/test_chat.py": 32,
    "tests/engine/test_pattern_properties.py": 29,
    "tests/browser/test_building.py": 25,
    "tests/browser/test_two_authors.py": 25,
    "tests/process/test_road.py": 23,
    "tests/api/test_hook_recipients.py": 21,
    "tests/browser/test_why.py": 20,
    "tests/project/test_packaging.py": 20,
    "tests/pipeline/test_query_counts.py": 18,
    "tests/admin/test_ownership.py": 18,
    "tests/admin/test_bots.py": 17,
    "tests/api/test_api_tokens.py": 17,
    "tests/docs/test_examples.py": 16,
    "tests/process/test_ending.py": 16,
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
    here = {_file(test) for test in tests}
    for file, weight in sorted(LONG.items(), key=lambda item: -item[1]):
        if file in here:
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
