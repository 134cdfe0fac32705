r"""Translating a pattern of `re` to the syntax of the `regex` library, whose searches can have a time limit.

The two differ: `regex` reads ``{e<=1}``, ``[[:alpha:]]`` and ``\p{L}`` as more than literals, has a newer Unicode,
counts marks and joiners as word characters and folds case by other rules. So the author's text is not passed on: the
pattern is written from the tree, with literals as escapes, sets of characters as `re` has them, and the constructs that
both read alike. Groups have the same numbers.

These differences remain:

- a capturing group inside a possessive repeat: `re` sometimes loses it, or raises `SystemError`; `regex` is right;
- ``\D``, ``\S`` or ``\W`` under ``(?a:`` at the beginning: `re` does not begin a match at letters above ASCII;
- a backreference that ignores case compares by the simple case folding of `regex`'s newer Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex

from permabots.engine.patterns.chars import (
    ASCII,
    EVERY_WIDE,
    LAST,
    Chars,
    Range,
    chars,
    escape,
    ranges_of,
    span,
    variants,
)
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
)

_NOTHING, _EVERYTHING = "(?!)", "(?s:.)"
_ANCHORS = {"start": r"\A", "line start": "(?m:^)", "end": "$", "line end": "(?m:$)", "text end": r"\Z"}
_MODES = {"greedy": "", "lazy": "?", "possessive": "+"}
_LIVING_SCRIPTS = 0x600
_FEW = 1000  # characters whose relatives are looked up one by one: to ask `re` of all there are takes 30 ms
# Before Python 3.14, \B does not match in an empty text.
_INSIDE_GUARD = r"(?!\A\Z)" if re.search(r"\B", "") is None else ""


def compile_exactly(root: Node) -> regex.Pattern[str]:
    """Return the pattern compiled by `regex`, with the meaning it has for `re`.

    Args:
        root: the tree of the pattern.
    """
    return regex.compile(_write(root), regex.V1, cache_pattern=False)


def prepare() -> None:
    """Find out what words and digits are, which takes a third of a second: once, before anybody waits for it."""
    for letter in "dw":
        _category(letter, "")


def _write(node: Node) -> str:
    return _WRITERS[type(node)](node)


def _sequence(node: Sequence) -> str:
    return "".join(_write(item) for item in node.items)


def _branch(node: Branch) -> str:
    return "(?:" + "|".join(_write(option) for option in node.options) + ")"


def _group(node: Group) -> str:
    return f"({_write(node.body)})"


def _atomic(node: Atomic) -> str:
    return f"(?>{_write(node.body)})"


def _repeat(node: Repeat) -> str:
    high = "" if node.high is None else node.high
    opening = "(?>" if node.mode == "possessive" else "(?:"  # in `re`, each iteration of a possessive repeat is atomic
    return f"{opening}{_write(node.body)}){{{node.low},{high}}}{_MODES[node.mode]}"


def _look(node: Look) -> str:
    return f"(?{'' if node.ahead else '<'}{'!' if node.negative else '='}{_write(node.body)})"


def _backreference(node: Backreference) -> str:
    return f"(?i-f:\\{node.index})" if node.ignore_case else f"(?:\\{node.index})"


def _condition(node: Condition) -> str:
    return f"(?({node.index}){_write(node.yes)}|{_write(node.no)})"


def _anchor(node: Anchor) -> str:
    if node.kind in _ANCHORS:
        return _ANCHORS[node.kind]
    word = f"[{_category('w', 'a' if node.ascii else '')}]"
    if node.kind == "boundary":
        return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
    return f"{_INSIDE_GUARD}(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"


def _chars(node: Chars) -> str:
    if len(node.items) == 1 and not node.negated and "i" not in node.flags and not isinstance(node.items[0], str):
        low, high = node.items[0]
        if low == high:
            return escape(low)
    return _class(node)


@lru_cache(maxsize=1024)
def _class(node: Chars) -> str:
    if node.mask & ASCII in (0, ASCII) and (trivial := _trivial(node)):
        return trivial  # `regex` mishandles the complement of a set with all characters
    plain = [item for item in node.items if not isinstance(item, str)]
    if "i" in node.flags and plain:
        plain = _found_in_any_case(plain, node.flags)
    named = dict.fromkeys(item for item in node.items if isinstance(item, str))
    inside = "".join(map(span, plain)) + "".join(_category(item, node.flags) for item in named)
    return f"[{'^' if node.negated else ''}{inside}]"


def _trivial(node: Chars) -> str | None:
    if node.mask & ASCII and node.wide == EVERY_WIDE:
        return _EVERYTHING if _found(node) == [(0, LAST)] else None
    return None if _found(node) else _NOTHING


@lru_cache(maxsize=256)
def _category(letter: str, flags: str) -> str:
    """Return the members of a set for ``\\d \\s \\w`` and their opposites."""
    if letter.isupper():
        return f"[^{_category(letter.lower(), flags)}]"
    if "a" in flags or letter == "s":
        return "".join(map(span, _found(chars((letter,), flags="a" if "a" in flags else ""))))
    # Long sets are slow: the common scripts come first, then the property without characters that Python lacks.
    family = r"\p{L}\p{N}" if letter == "w" else r"\p{Nd}"
    known = "".join(re.findall(f"\\{letter}", _every_char()))
    newer = re.sub(f"\\{letter}", "", "".join(regex.findall(f"[{family}]", _every_char())))
    missing = regex.sub(f"[{family}]", "", known)
    often = ranges_of(code for code in map(ord, known) if code < _LIVING_SCRIPTS)
    rest = f"[[{family}]--[{_spans(newer)}]]" if newer else family
    return "".join(map(span, often)) + rest + _spans(missing)


def _spans(text: str) -> str:
    return "".join(map(span, ranges_of(map(ord, text))))


def _found(node: Chars) -> list[Range]:
    """Return all characters that an element matches in `re`, as ranges."""
    runs = re.finditer(node.compiled().pattern + "+", _every_char())
    return [(run.start(), run.end() - 1) for run in runs]


def _found_in_any_case(ranges: list[Range], flags: str) -> list[Range]:
    """Return all characters that `re` takes for ranges whose case it ignores, asking it of no more than can be."""
    node = chars(tuple(ranges), flags=flags)
    if sum(high - low for low, high in ranges) > _FEW:
        return _found(node)
    given = (chr(code) for low, high in ranges for code in range(low, high + 1))
    candidates = sorted({other for char in given for other in variants(char)})
    return ranges_of(map(ord, node.compiled().findall("".join(candidates))))


@lru_cache(maxsize=1)
def _every_char() -> str:
    return "".join(map(chr, range(LAST + 1)))


_WRITERS: dict[type, Callable[[Any], str]] = {
    Chars: _chars,
    Anchor: _anchor,
    Sequence: _sequence,
    Branch: _branch,
    Group: _group,
    Atomic: _atomic,
    Repeat: _repeat,
    Look: _look,
    Backreference: _backreference,
    Condition: _condition,
}
