"""From text to tree: what is refused, in which words, and what a later Python reads alike."""

from __future__ import annotations

import re
import warnings

import pytest

from permabots.engine.patterns.chars import ALL, chars
from permabots.engine.patterns.nodes import (
    Anchor,
    Atomic,
    Backreference,
    Branch,
    Condition,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    elements,
    walk,
)
from permabots.engine.patterns.tree import MAX_DEPTH, explain, parse, quietly
from permabots.exceptions import PatternError

A, B, C = (chars(((code, code),)) for code in b"abc")


@pytest.mark.parametrize(
    ("pattern", "root"),
    [
        ("a", A),
        ("", Sequence(())),
        ("abc", Sequence((A, B, C))),
        ("(a)|bc", Branch((Group(1, A), Sequence((B, C))))),
        ("a{2,3}", Repeat(A, 2, 3, "greedy")),
        ("a*?", Repeat(A, 0, None, "lazy")),
        ("a++", Repeat(A, 1, None, "possessive")),
        ("(?>a)", Atomic(A)),
        ("(?=a)", Look(A, ahead=True, negative=False)),
        ("(?<!a)", Look(A, ahead=False, negative=True)),
        ("(?!)", chars(ALL, negated=True)),
        (r"(a)\1", Sequence((Group(1, A), Backreference(1, ignore_case=False)))),
        (r"(a)(?i:\1)", Sequence((Group(1, A), Backreference(1, ignore_case=True)))),
        ("(a)(?(1)b|c)", Sequence((Group(1, A), Condition(1, B, C)))),
        ("(a)(?(1)b)", Sequence((Group(1, A), Condition(1, B, Sequence(()))))),
        ("^", Anchor("start")),
        ("(?m)^", Anchor("line start")),
        (r"\A", Anchor("start")),
        (r"(?m)\A", Anchor("start")),
        ("$", Anchor("end")),
        ("(?m:$)", Anchor("line end")),
        (r"\Z", Anchor("text end")),
        (r"\b", Anchor("boundary")),
        (r"(?a)\B", Anchor("inside", ascii=True)),
        ("(?a:(?u:a))", A),
        (".", chars(((10, 10),), negated=True)),
        ("(?s).", chars(ALL)),
        ("(?i)[^a]", chars(((97, 97),), negated=True, flags="i")),
        (r"(?ai)[^\da-b]", chars(("d", (97, 98)), negated=True, flags="ai")),
    ],
)
def test_each_construct_becomes_its_element(pattern: str, root: Node) -> None:
    assert parse(pattern).root == root


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "missing ), unterminated subpattern at position 0"),
        ("a**", "multiple repeat at position 2"),
        ("[b-a]", "bad character range b-a at position 1"),
        ("\n\n(?P<a>x)(?P<a>y)", "redefinition of group name 'a' as group 2; was group 1 at position 14 (line 3)"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
        ("(?L)a", "bad inline flags: cannot use 'L' flag with a str pattern at position 3"),
        ("(?au)a", "bad inline flags: flags 'a', 'u' and 'L' are incompatible at position 4"),
        (r"(?P<é>a)(?P=è)", "unknown group name 'è' at position 12"),
        ("a{99999999999}", "the repetition number is too large"),
        ("(" * 3000 + ")" * 3000, "groups are nested too deeply"),
        ("(" * MAX_DEPTH + ")" * MAX_DEPTH, f"nested more than {MAX_DEPTH} levels deep"),
        ("(?:a{400}){400}", "its repeats add up to more than 100,000 elements"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as raised:
        parse(pattern)
    assert str(raised.value) == message


def test_an_error_without_a_place_is_told_without_one() -> None:
    assert str(explain(re.error("some reason"))) == "some reason"


def test_as_many_levels_as_are_taken_are_read() -> None:
    groups = MAX_DEPTH - 1
    assert len(list(walk(parse("(" * groups + "a" + ")" * groups).root))) == MAX_DEPTH


def test_the_numbers_of_named_groups_are_kept() -> None:
    assert parse("(a)(?P<x>b)(?P<ÿ>c)").names == {"x": 2, "ÿ": 3}


@pytest.mark.parametrize("pattern", ["[[a]", "[+--a]", "[a&&b]", "[a||b]", "[a~~b]"])
def test_what_a_later_python_may_read_otherwise_is_read_without_a_warning(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(pattern).names == {}
        assert quietly(re.compile, pattern).search("a")


def test_elements_counts_repeats_written_out() -> None:
    assert elements(parse("(?:ab){3}").root) == 1 + 3 * 3
    assert elements(parse("a{0,9}").root) == 2


def test_walk_yields_what_is_inside() -> None:
    root = parse("(a)(?(1)b|(?>c))|(?=a)").root
    assert {A, B, C} <= set(walk(root))
