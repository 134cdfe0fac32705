"""The page of the guarantees tells what there is."""

from __future__ import annotations

from tests.chaos.accounting.script import Fault
from tests.chaos.switches import BUGS
from tests.docs.pages import words


def test_every_fault_is_told() -> None:
    assert words("guarantees", "faults") == {fault.value for fault in Fault}


def test_every_planted_bug_is_told() -> None:
    assert words("guarantees", "bugs") == set(BUGS)
