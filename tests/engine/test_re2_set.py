"""Which patterns may match: the right ones, and rather all than too few."""

from __future__ import annotations

import pytest

from permabots.engine.patterns.re2_set import CandidateSet


def test_the_numbers_of_what_matches_come_in_ascending_order() -> None:
    candidates = CandidateSet([(2, "b"), (3, "x"), (5, "a"), (7, "ab"), (11, r"\Ab")])
    assert candidates.find(b"ab") == [2, 5, 7]


def test_a_number_with_several_patterns_needs_one_of_them() -> None:
    candidates = CandidateSet([(1, "a"), (1, "b"), (2, "c"), (2, ""), (3, "(?=x)"), (3, "d")])
    assert candidates.find(b"ab") == [1, 2, 3]
    assert candidates.find(b"cd") == [2, 3]


def test_nothing_matches_an_empty_set() -> None:
    assert CandidateSet([]).find(b"a") == []


def test_the_empty_pattern_is_always_a_candidate() -> None:
    candidates = CandidateSet([(0, "x"), (1, ""), (2, "a"), (3, "")])
    assert candidates.find(b"a") == [1, 2, 3]
    assert candidates.find(b"") == [1, 3]


@pytest.mark.parametrize("pattern", ["(?=a)", "(", r"a\Z"])
def test_a_pattern_that_re2_does_not_take_is_always_a_candidate(pattern: str) -> None:
    assert CandidateSet([(4, pattern), (6, "x")]).find(b"b") == [4]


def test_all_are_candidates_where_the_set_needs_more_memory_than_it_may_have() -> None:
    patterns = [(index, f"word{index}") for index in range(50)]
    assert CandidateSet(patterns, memory=1).find(b"nothing") == list(range(50))


def test_more_memory_is_tried_before_giving_up() -> None:
    patterns = [(index, f"word{index}") for index in range(50)]
    assert CandidateSet(patterns, memory=4_000).find(b"a word7") == [7]


def test_large_patterns_get_memory_by_their_length() -> None:
    patterns = [(index, rf"(?:[a-z\x{{80}}-\x{{10ffff}}]){{12,}}{index}") for index in range(1_000)]
    assert CandidateSet(patterns).find("é".encode() * 20 + b"77") == [7, 77]


def test_a_lone_surrogate_is_a_character() -> None:
    text = "\ud800".encode("utf-8", "surrogatepass")
    assert CandidateSet([(1, r"\x{d800}"), (2, r"[\x{80}-\x{10ffff}]\z"), (3, r"\x{dfff}")]).find(text) == [1, 2]
