r"""The pattern for RE2: what it keeps, what it leaves out, and that it matches wherever `re` does."""

from __future__ import annotations

import re

import pytest

from permabots.engine.patterns.prefilter import MAX_REPEAT, approximate
from permabots.engine.patterns.prefilter_literals import MAX_ALTERNATIVES
from permabots.engine.patterns.re2_set import CandidateSet
from permabots.engine.patterns.tree import parse

WORD = r"[0-9A-Z\x{5f}a-z\x{80}-\x{10ffff}]"


def approximation(pattern: str) -> str:
    """Return the patterns for RE2, one above the other where there are several."""
    return "\n".join(approximate(parse(pattern).root))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^/start$", r"\A\x{2f}start(?m:$)"),
        (r"\Aa\Z", r"\Aa\z"),
        ("(?m)^a$", "(?m:^)a(?m:$)"),
        (r"\bcat\b|\Bx", "cat\nx"),
        ("é😀", r"\x{e9}\x{1f600}"),
        ("[a-cx]", "[a-cx]"),
        (r"\wb", WORD + "b"),
        (r"(?a)\db", "[0-9]b"),
        ("a.b", "a.b"),
        ("(?s)a.b", "a(?s:.)b"),
        ("a[^b]c", r"a[\x{0}-ac-\x{7f}\x{80}-\x{10ffff}]c"),
        ("(?i)ok", r"[Oo][Kk\x{212a}]"),
        ("(?i)я", r"[\x{42f}\x{44f}]"),
        (r"[^\s\S]", r"[^\x{0}-\x{10FFFF}]"),
        ("a(?:b|c)?d", "a(?:[b-c]){0,1}d"),
        (r".a(?:(b)|b\b)d", ".a(?:b)d"),
        ("ab{2,5}c", "a(?:b){2,5}c"),
        ("ab{2,}c", "a(?:b){2,}c"),
        ("ab*c+d", "a(?:b)*(?:c)+d"),
        ("a(?:)*b{0}c", "ac"),
        ("a.(?:b++|(?>c*))d", "a.(?:(?:b)+|(?:c)*)d"),
        (r"(a)(?(1)b|cd)e", "a(?:b|cd)e"),
        (r"(..)x\1y", r"..x(?s:.*)y"),
    ],
)
def test_what_re2_can_say_it_says(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a*b", "b"),
        ("ab*", "a"),
        ("a+b{3,7}", "a(?:b){3,3}"),
        ("(?:ab)+", "ab"),
        (r"(ab)\1", "ab"),
        ("^a(?: (?P<rest>.*))?", r"\Aa"),
        ("^a (?P<rest>.*)$", r"\Aa\x{20}"),
        ("^.*a.*$", "a"),
        ("^(?:.*b|c)", "b\n" r"\Ac"),
        ("(?m)^(.+)a(?P<b>x.*)$", "ax"),
        ("^(.)$", r"\A.(?m:$)"),
        ("^()$", r"\A(?m:$)"),
    ],
)
def test_what_may_be_empty_at_either_end_is_left_out(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


@pytest.mark.parametrize(
    "pattern", ["", "^", ".*", "^.*$", "(?s).*", "(a|b)?", r"\b", "(?!a)", r"(?:a|)", "(?=.*)^", r"^(?!a)\s*"]
)
def test_a_pattern_that_asks_for_nothing_is_empty(pattern: str) -> None:
    assert approximation(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("pay(?=ment)", "payment"),
        ("pay(?=ment)s", "payment"),
        ("pay(?=m)ments", "payments"),
        ("pay(?!ment)", "pay"),
        ("(?=.*order)(?=.*cancelled).*", "cancelled"),
        ("(?<=not )now", r"not\x{20}now"),
        ("(?<!not )now", "now"),
        ("x(?<=not )now", "xnow"),
        (r"\b(?<=not )now", r"not\x{20}now"),
        ("(pay(?=ment))s", "pays"),
        ("(?:a(?=b))*c", "c"),
        ("(?=order)", "order"),
        ("(?:(?=order)|x)y", "y\nxy"),
    ],
)
def test_a_lookaround_counts_where_its_text_must_be_there(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^(\w+) \1 status", r"\x{20}status"),
        (r"(\w+ ){3}menu", "menu"),
        (r"\d+ a (?:big|small) (?P<what>pizza)", r"\x{20}a\x{20}(?:big|small)\x{20}pizza"),
        ("ab.*status", "status"),
        ("^ab.*status", r"\Aab(?:.)*status"),
        ("^a.*status", "status"),
        ("(?>[^,]*)(?i:kiss)!*", r"[Kk\x{212a}][Ii\x{130}-\x{131}][Ss\x{17f}][Ss\x{17f}]"),
        (".abc.*defghi.*jkl", "defghi(?:.)*jkl"),
        (".ab.cd.", "ab.cd."),
        (".a.b", ".a.b"),
        ("(x.*status)", "status"),
        ("(?:a.*status)+x", "statusx"),
        (r"\d{3}", r"(?:[0-9\x{80}-\x{10ffff}]){3,3}"),
    ],
)
def test_a_pattern_is_looked_for_from_certain_characters_on(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("cat|dog", "cat\ndog"),
        ("^(?:cat|dog) (?P<name>.+)", r"\Acat\x{20}." "\n" r"\Adog\x{20}."),
        ("(?P<pet>cat|dog|c.t)s", "cats\ndogs\nts"),
        ("(?:cat|cat)", "cat"),
        ("cat|", ""),
        ("(?=.*(?:cat|dog))", "cat\ndog"),
        (r"x|\w+ cats", "x\n" r"\x{20}cats"),
    ],
)
def test_an_alternation_at_the_beginning_is_several_patterns(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


def test_a_long_alternation_stays_one_pattern() -> None:
    words = [f"{letter}word{number}" for letter in "ab" for number in range(MAX_ALTERNATIVES)]
    assert approximation("|".join(words)) == f"(?:{'|'.join(words)})"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("xa{1000}y", f"x(?:a){{{MAX_REPEAT},}}y"),
        ("xa{3,1000}y", "x(?:a){3,}y"),
        ("x(?:(?:ab){20}){20}y", "x(?:(?:ab){20,20}){1,}y".replace("{1,}", "+")),
        (r"x\w{30}y", rf"x(?:{WORD}){{12,}}y"),
    ],
)
def test_a_large_repeat_is_cut_and_left_open(pattern: str, expected: str) -> None:
    assert approximation(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\w+$", "ñandú\n"),
        (r"(?i)straße", "STRAẞE"),
        (r"(?i)KELVIN", "\u212aelvin"),
        (r"(?i)ist", "\u0130\u017ft"),
        (r"(?i)[^k]a", "\u212aa a"),
        ("(?i)[\u017f]", "S"),
        (r"x(?a:\S)y", "x\x1cy"),
        (r"x(?a:\W)y", "xéy"),
        (r"(?a)x(?u:\w)y", "xéy"),
        (r"\d\s\S", "٣\u3000😀"),
        (r"^\D$", "\ud800"),
        ("[\ud800-\udfff]x", "\udc00x"),
        ("\x00$", "a\x00\n"),
        ("(?m)a$\n^b", "a\nb"),
        (r"(?s)^.$", "\n"),
        (r"(a)?(?(1)b|c)d", "cd"),
        (r"(?i)(a)\1", "aA"),
        (r"(?:^a|b)+c", "bc"),
        (r"(?<=a)b(?<=ab)c(?=d)", "abcd"),
        (r"(?:a{2}){3,}+b", "a" * 8 + "b"),
        ("[\u212a\u017f]{2}", "\u212a\u017f"),
        ("[\u017f\u0130\u0131\u017f]x", "\u0130x"),
        (r"\B", "ab"),
    ],
)
def test_the_pattern_for_re2_matches_where_re_does(pattern: str, text: str) -> None:
    assert re.search(pattern, text)
    assert CandidateSet((0, each) for each in approximate(parse(pattern).root)).find(
        text.encode("utf-8", "surrogatepass")
    ) == [0]
