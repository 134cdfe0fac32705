"""Every target takes what is kept of it, and a moment of mutations; what must be found is found."""

from __future__ import annotations

import random
import time

import pytest

from tests.fuzz.loop import CORPUS, Loop, corpus
from tests.fuzz.mutator import LONGEST, Mutator
from tests.fuzz.targets import ALL, Target
from tests.fuzz.targets.properties import TESTS

FUNCTIONS = {
    name: target for name, target in ALL.items() if name not in {path.rpartition(".test_")[2] for path in TESTS}
}
"""The targets that are no tests themselves: `make test` runs those anyway."""
TRIES = 40
"""Mutations of each target; always the same ones."""
MOMENT = 0.3
"""Seconds of processor time for them at most."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_target_takes_what_is_kept_and_a_moment_of_mutations(name: str) -> None:
    loop = Loop(FUNCTIONS[name], random.Random(1))
    least, end = len(corpus(name)), time.process_time() + MOMENT
    most = loop.seeds + TRIES
    found = list(loop.run(lambda: loop.executions >= most or (loop.executions > least and time.process_time() > end)))
    assert found == []
    assert loop.executions > least


def test_what_is_kept_belongs_to_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(ALL)


def fragile(data: bytes) -> str:
    """Break at one byte, be slow to no input, and have an outcome for each length."""
    if b"!" in data:
        raise LookupError("an exclamation")
    return f"length {len(data) % 30}"


def test_what_breaks_is_found_once_and_cut_to_its_smallest_form() -> None:
    loop = Loop(Target("none", fragile, lambda: (b"some seed",), (b"!",)), random.Random(2))
    (found,) = loop.run(lambda: loop.executions > 400)
    assert found.kind.startswith("LookupError at tests/fuzz/test_smoke.py:")
    assert (found.words, found.data) == ("LookupError: an exclamation", b"!")
    assert len(loop.outcomes) > 10


@pytest.mark.parametrize("data", [b"", b"a", b"\xff\xfe", b'{"a": [1, {"b": "c"}]}', b"x" * LONGEST, b"[" * 5000])
def test_anything_can_be_mutated_and_stays_within_the_longest(data: bytes) -> None:
    mutator = Mutator(random.Random(3), [b"word"])
    made = [mutator.mutated(data, [data, b"[1, 2]", b""]) for _ in range(40)]
    assert max(map(len, made)) <= LONGEST
    assert len(set(made)) > 10
