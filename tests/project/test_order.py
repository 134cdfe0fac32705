"""Tests are shared so that no process is left with a long one in the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.order import LONG, arranged

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Item:
    nodeid: str


def items(quick: int) -> list[Item]:
    long = [Item(f"{file}::test_{number}") for file in LONG for number in range(3)]
    return [*(Item(f"tests/test_quick.py::test_{number}") for number in range(quick)), *long]


def is_long(item: Item) -> bool:
    return item.nodeid.partition("::")[0] in LONG


@pytest.mark.parametrize("quick", [0, 1, 100, 101])
@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_no_test_is_lost_or_run_twice(quick: int, processes: int) -> None:
    assert sorted(item.nodeid for item in arranged(items(quick), processes)) == sorted(
        item.nodeid for item in items(quick)
    )


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_slice_begins_with_its_long_tests(processes: int) -> None:
    found = arranged(items(300), processes)
    left = len(found)
    for place in range(processes):
        size = left // (processes - place)
        piece = found[len(found) - left :][:size]
        long = [is_long(item) for item in piece]
        assert long == sorted(long, reverse=True)
        assert any(long)
        left -= size


def test_the_files_that_take_long_are_there() -> None:
    assert not [file for file in LONG if not (ROOT / file).is_file()]
