"""Parsing a regular expression to a tree of `nodes`. Only this module reads the parse tree of Python's `re`."""

from __future__ import annotations

import importlib
import re
import threading
import warnings
from collections.abc import Iterable
from typing import Any, Literal

from permabots.engine.patterns.chars import ALL, Item, chars
from permabots.engine.patterns.nodes import (
    Anchor,
    AnchorKind,
    Atomic,
    Backreference,
    Branch,
    Condition,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    Tree,
    elements,
)
from permabots.exceptions import PatternError

# The parser has no public name; its shape is the same from 3.11 to 3.13, and the tests compare its meaning with `re`.
_parser: Any = importlib.import_module("re._parser")

MAX_DEPTH = 64
"""The deepest nesting of a pattern, so that no walk of a tree meets Python's recursion limit."""

MAX_ELEMENTS = 100_000
"""Elements of a pattern at most, with its repeats written out, as `regex` does. No message could match more."""

MAX_CASELESS = 70_000
"""Characters above ASCII in the ranges of a pattern that ignores case, at most: `re` looks at each of them, twice."""

COMPILE_ERRORS = (re.error, OverflowError, ValueError, RuntimeError)
"""The errors of `re` for a pattern that it does not accept (`RuntimeError`: it is nested too deeply)."""

_ASCII, _DOTALL, _IGNORECASE, _MULTILINE = map(int, (re.ASCII, re.DOTALL, re.IGNORECASE, re.MULTILINE))
# Only patterns with these signs are parsed under a filter of warnings: the filters are shared by all threads.
_MAY_WARN = re.compile(r"\[\[|--|&&|~~|\|\||\(\?\(")
_CASELESS = re.compile(r"\(\?[aLmsux]*i")
LAST_ASCII = 127
_warnings_lock = threading.Lock()


def parse(pattern: str) -> Tree:
    """Return the tree of a pattern of Python's `re`.

    Raises:
        PatternError: `re` does not accept the pattern, or it is nested deeper than `MAX_DEPTH` or larger than
            `MAX_ELEMENTS`.
    """
    try:
        parsed = quietly(_parser.parse, pattern)
    except COMPILE_ERRORS as error:
        raise explain(error) from error
    if _ignores_case(pattern) and _width(parsed) > MAX_CASELESS:
        raise PatternError(
            f"its ranges have more than {MAX_CASELESS:,} characters in either case: put (?-i:…) around some of them"
        )
    root = _sequence(parsed, parsed.state.flags, MAX_DEPTH)
    if elements(root) > MAX_ELEMENTS:
        raise PatternError(f"its repeats add up to more than {MAX_ELEMENTS:,} elements")
    return Tree(root, dict(parsed.state.groupdict))


def _ignores_case(pattern: str) -> bool:
    return _CASELESS.search(pattern) is not None


def _width(parsed: Any) -> int:
    """Return how many characters the ranges have that stand in what the parser of `re` gives."""
    if isinstance(parsed, tuple) and len(parsed) == 2 and getattr(parsed[0], "name", "") == "RANGE":
        low, high = parsed[1]
        return int(high - low) if high > LAST_ASCII else 0
    if isinstance(parsed, _parser.SubPattern | list | tuple):
        return sum(map(_width, parsed))
    return 0


def quietly(function: Any, pattern: str) -> Any:
    """Call one of `re`'s functions without its warnings about syntax that a later Python may read differently.

    Args:
        function: takes the pattern.
        pattern: the pattern.

    Returns:
        The function's result.
    """
    if not _MAY_WARN.search(pattern):
        return function(pattern)
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(pattern)


def explain(error: Exception) -> PatternError:
    """Return an error of `re` as one in words for the pattern's author."""
    if isinstance(error, re.error):
        place = "" if error.pos is None else f" at position {error.pos}"
        return PatternError(f"{error.msg}{place}", error.lineno if error.lineno and error.lineno > 1 else None)
    if isinstance(error, RecursionError):
        return PatternError("groups are nested too deeply")
    return PatternError(str(error))


def _sequence(parsed: Any, flags: int, depth: int) -> Node:
    if not depth:
        raise PatternError(f"nested more than {MAX_DEPTH} levels deep")
    items = tuple(_READERS[op.name](argument, flags, depth - 1) for op, argument in parsed or ())
    return items[0] if len(items) == 1 else Sequence(items)


def _char_flags(flags: int) -> str:
    return ("a" if flags & _ASCII else "") + ("i" if flags & _IGNORECASE else "")


def _literal(code: int, flags: int, _depth: int) -> Node:
    return chars(((code, code),), False, _char_flags(flags))


def _not_literal(code: int, flags: int, _depth: int) -> Node:
    return chars(((code, code),), True, _char_flags(flags))


def _any(_: None, flags: int, _depth: int) -> Node:
    return chars(ALL) if flags & _DOTALL else chars(((10, 10),), True)


def _class(members: list[tuple[Any, Any]], flags: int, _depth: int) -> Node:
    negated = members[0][0].name == "NEGATE"
    items = tuple(_class_items(members[1:] if negated else members))
    return chars(items, negated, _char_flags(flags))


def _class_items(members: Iterable[tuple[Any, Any]]) -> Iterable[Item]:
    for op, argument in members:
        if op.name == "LITERAL":
            yield argument, argument
        elif op.name == "RANGE":
            yield argument
        else:
            yield _CATEGORIES[argument.name]


_CATEGORIES = {
    "CATEGORY_DIGIT": "d",
    "CATEGORY_NOT_DIGIT": "D",
    "CATEGORY_SPACE": "s",
    "CATEGORY_NOT_SPACE": "S",
    "CATEGORY_WORD": "w",
    "CATEGORY_NOT_WORD": "W",
}


_PLACES: dict[str, tuple[AnchorKind, AnchorKind]] = {  # without and with MULTILINE
    "AT_BEGINNING": ("start", "line start"),
    "AT_BEGINNING_STRING": ("start", "start"),
    "AT_END": ("end", "line end"),
    "AT_END_STRING": ("text end", "text end"),
    "AT_BOUNDARY": ("boundary", "boundary"),
    "AT_NON_BOUNDARY": ("inside", "inside"),
}


def _at(place: Any, flags: int, _depth: int) -> Node:
    return Anchor(_PLACES[place.name][bool(flags & _MULTILINE)], bool(flags & _ASCII))


def _branch(argument: tuple[None, list[Any]], flags: int, depth: int) -> Node:
    return Branch(tuple(_sequence(option, flags, depth) for option in argument[1]))


def _group(argument: tuple[int | None, int, int, Any], flags: int, depth: int) -> Node:
    index, added, removed, body = argument
    if added & _parser.TYPE_FLAGS:
        flags &= ~_parser.TYPE_FLAGS
    node = _sequence(body, (flags | added) & ~removed, depth)
    return node if index is None else Group(index, node)


def _repeat(mode: Literal["greedy", "lazy", "possessive"]) -> Any:
    def read(argument: tuple[int, int, Any], flags: int, depth: int) -> Node:
        low, high, body = argument
        return Repeat(_sequence(body, flags, depth), low, None if high == _parser.MAXREPEAT else int(high), mode)

    return read


def _look(negative: bool) -> Any:
    def read(argument: tuple[int, Any], flags: int, depth: int) -> Node:
        direction, body = argument
        if direction < 0 and len(set(body.getwidth())) > 1:
            raise PatternError("look-behind requires fixed-width pattern")  # the words of `re`, which compiling raises
        if negative and not body:  # newer Pythons parse it as FAILURE
            return _never(None, flags, depth)
        return Look(_sequence(body, flags, depth), direction > 0, negative)

    return read


def _atomic(body: Any, flags: int, depth: int) -> Node:
    return Atomic(_sequence(body, flags, depth))


def _backreference(index: int, flags: int, _depth: int) -> Node:
    return Backreference(index, bool(flags & _IGNORECASE))


def _condition(argument: tuple[int, Any, Any], flags: int, depth: int) -> Node:
    index, yes, no = argument
    return Condition(index, _sequence(yes, flags, depth), _sequence(no, flags, depth))


def _never(_: Any, _flags: int, _depth: int) -> Node:
    return chars(ALL, negated=True)


_READERS: dict[str, Any] = {
    "LITERAL": _literal,
    "NOT_LITERAL": _not_literal,
    "ANY": _any,
    "IN": _class,
    "AT": _at,
    "BRANCH": _branch,
    "SUBPATTERN": _group,
    "MAX_REPEAT": _repeat("greedy"),
    "MIN_REPEAT": _repeat("lazy"),
    "POSSESSIVE_REPEAT": _repeat("possessive"),
    "ASSERT": _look(negative=False),
    "ASSERT_NOT": _look(negative=True),
    "ATOMIC_GROUP": _atomic,
    "GROUPREF": _backreference,
    "GROUPREF_EXISTS": _condition,
    "FAILURE": _never,
}
