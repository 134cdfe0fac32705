"""Patterns: refused as documented, or searched with the result that Python's `re` has, in the time they are given."""

from __future__ import annotations

import re
import time

from permabots.engine.patterns import CandidateSet, TimeBudget, check_pattern, pattern_of
from permabots.engine.patterns.tree import COMPILE_ERRORS, quietly
from permabots.exceptions import PatternError, PatternTimeout
from tests.fuzz.oracles import as_text, outcome_of
from tests.fuzz.targets.target import Target

_LONGEST = 255
"""Characters of a pattern at most: of its column."""
_EACH = 0.25


def _run(data: bytes) -> str:
    pattern, _, text = as_text(data).partition("\x1e")
    pattern = pattern[:_LONGEST].replace("\x00", "")
    try:
        report = check_pattern(pattern)
    except PatternError as error:
        assert str(error), "an error without words"
        return outcome_of(error)
    try:
        found = pattern_of(pattern).search(text[:4096], TimeBudget(_EACH, _EACH))
    except PatternTimeout:
        assert report.kind == "time-limited", "too slow, though it was called linear"
        return "timeout"
    if report.kind == "linear":
        _compare(pattern, text[:4096], found)
    return f"{report.kind} {report.every_message} {found is not None} {len(report.approximated)}"


def _compare(pattern: str, text: str, found: dict[str, str | None] | None) -> None:
    """Compare with `re`, which is safe where the pattern is linear."""
    began = time.thread_time()
    try:
        match = quietly(re.compile, pattern).search(text)
    except (*COMPILE_ERRORS, SystemError):
        return
    assert time.thread_time() - began < 1, "`re` took a second for a pattern that was called linear"
    assert (match and match.groupdict()) == found, f"{found} where re finds {match and match.groupdict()}"
    if match:
        chosen = CandidateSet((7, each) for each in pattern_of(pattern).approximation)
        assert chosen.find(text.encode("utf-8", "surrogatepass")) == [7], "RE2 does not propose what re matches"


def _seeds() -> tuple[bytes, ...]:
    pairs = {
        r"^(?P<x>[\s\S]*)$": "anything",
        r"/start (?P<name>\w+)": "/start Ann",
        r"(?i)^(yes|no|perhaps)\b": "YES please",
        r"(?P<n>\d{1,4})[-/ ](?P<m>[a-zé]+)": "12-août",
        r"(a|aa)+$": "aaaaaaaaaaab",
        r"(?:x+x+)+y": "xxxxxxxxxxxx",
        r"(?<=a)b(?!c)(?=\w)": "abd",
        r"(?P<q>['\"]).*?(?P=q)": "say 'it' or \"that\"",
        r"(?s)^.{3,}+(?>ab|a)$": "..ab",
        r"(?x) a \s+ b # said": "a   b",
        r"[^\W\d_]+|[\u4e00-\u9fff]{2}": "漢字",
        r"(a)?(?(1)b|c)": "ab c",
        r"(?m:^ab$)|\A\Z": "x\nab\ny",
        "[[:alpha:]]--[a&&b]||~~": "a&",
        r"\N{DIGIT ONE}\x41\101\u00e9\U0001f600": "1AA",
    }
    return tuple(f"{pattern}\x1e{text}".encode() for pattern, text in pairs.items())


_WORDS = (
    *(rb"(?:", rb"(?P<a>", rb"(?P=a)", rb"(?=", rb"(?!", rb"(?<=", rb"(?<!", rb"(?>", rb"(?(1)", rb"(?i)", rb"(?x)"),
    *(rb"(?-i:", rb"(?a:", rb"(?L)", rb"(?u)", rb"(?#", rb"(", rb")", rb"[", rb"]", rb"[^", rb"|", rb"*", rb"+", rb"?"),
    *(
        rb"*+",
        rb"++",
        rb"*?",
        rb"{2,}",
        rb"{,3}",
        rb"{0}",
        rb"{1000}",
        rb"{65535}",
        rb"{4294967295}",
        rb"{99999999999}",
    ),
    *(rb"\d", rb"\W", rb"\s", rb"\b", rb"\B", rb"\A", rb"\Z", rb"\1", rb"\9", rb"\99", rb"\0", rb"\x4", rb"\N{BEL}"),
    *(
        rb"\u12",
        rb"\U00110000",
        rb"\Q",
        rb"\p{L}",
        rb"\K",
        rb"^",
        rb"$",
        rb".",
        b"\x1e",
        rb"(a*)*",
        rb"(a|a)*",
        "\u017f\u0130\u212a".encode(),
    ),
    *(rb"--", rb"&&", rb"~~", rb"||", rb"[[", rb"a-", rb"\d-z"),
)
TARGETS = (Target("pattern", _run, _seeds, _WORDS),)
