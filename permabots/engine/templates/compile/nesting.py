"""How deeply a template nests, and how much its blocks hold: refused before Jinja's parser, which recurses."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import TemplateSyntaxError

MAX_WEIGHT = 150
"""The deepest nesting, in operators. What parses a template recurses several frames for each."""

MAX_TOKENS = 1_000
"""Names, signs and words in the blocks of one template: so many are made ready in about 5 ms."""

_BRACKET = 4
_BLOCK = 3
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_MAX_PIECES = 10 * MAX_TOKENS
"""The same with blanks, comments and the text between blocks."""

_OUTSIDE = frozenset({"comment", "comment_begin", "comment_end", "data", "raw_begin", "raw_end", "whitespace"})
_FLAT = frozenset({",", "~"})
"""Operators that begin a new operand beside the last one, not around it."""
_WORDS = frozenset({"and", "else", "if", "in", "is", "not", "or"})
_BLOCKS = frozenset({"block", "call", "filter", "for", "if", "macro", "set"})


class _Expression:
    """The weight of one expression: of its operators so far, within each bracket that is open.

    A closed bracket is as deep as its heaviest part, and belongs to the operand it stands in.
    """

    def __init__(self) -> None:
        self._parts = [0]
        self._heaviest = [0]

    @property
    def weight(self) -> int:
        return sum(self._parts)

    def add(self, token: str) -> None:
        if token in _OPENING:
            self._parts.append(_BRACKET)
            self._heaviest.append(0)
        elif token in _CLOSING and len(self._parts) > 1:
            weight = max(self._parts.pop(), self._heaviest.pop())
            self._parts[-1] += weight
        elif token in _FLAT:
            self._heaviest[-1] = max(self._heaviest[-1], self._parts[-1])
            self._parts[-1] = _BRACKET if len(self._parts) > 1 else 0
        else:
            self._parts[-1] += 1


def check_nesting(tokens: Iterable[tuple[int, str, str]]) -> None:
    """Refuse a template that nests brackets and blocks, or chains operators, too deeply, or whose blocks hold too much.

    Args:
        tokens: line, kind and text of each, as Jinja's lexer gives them.

    Raises:
        jinja2.TemplateSyntaxError: it does; the message says so, and in which line.
    """
    blocks = 0
    expression = _Expression()
    tag = None
    count = 0
    for number, (line, kind, text) in enumerate(tokens):
        count += kind not in _OUTSIDE
        if count > MAX_TOKENS or number > _MAX_PIECES:
            raise TemplateSyntaxError(f"the blocks of a template hold more than {MAX_TOKENS:,} words and signs", line)
        if kind.endswith("_begin"):
            expression = _Expression()
            tag = "" if kind == "block_begin" else None
        elif kind == "name" and tag == "":
            blocks = max(0, blocks + _BLOCK * ((text in _BLOCKS) - text.startswith("end")))
            tag = text
        elif (tag, text) == ("set", "="):
            blocks -= _BLOCK  # one that assigns has no end
            tag = None
        elif kind == "operator" or (kind == "name" and text in _WORDS):
            expression.add(text)
        if blocks + expression.weight > MAX_WEIGHT:
            raise TemplateSyntaxError("this nests too deeply", line)
