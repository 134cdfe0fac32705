"""How deeply a template nests, and how much its blocks hold: refused before Jinja's parser, which recurses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

MAX_WEIGHT = 150
"""The deepest nesting, in operators. What parses a template recurses several frames for each."""

MAX_TOKENS = 1_000
"""Names, signs and words in the blocks of one template: so many are made ready in about 5 ms."""

_BRACKET = 4
_BLOCK = 3
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_OPERANDS = frozenset({"block_end", "float", "integer", "string", "variable_end"})
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


class NestingCheck(Extension):
    """Looks at the tokens of a template on their way to Jinja's parser, which recurses."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Give the tokens on, as long as they nest moderately and are not too many.

        Args:
            stream: those that Jinja's lexer gives.

        Raises:
            jinja2.TemplateSyntaxError: they nest brackets and blocks, or chain operators, too deeply, or the blocks
                hold too much; the message says so, and in which line.
        """
        nesting = _Nesting()
        for token in stream:
            nesting.add(token)
            yield token


class _Nesting:
    """How deeply the tokens so far nest, and how many of them stand in blocks."""

    def __init__(self) -> None:
        self._count = 0
        self._blocks = 0
        self._expression = _Expression()
        self._tag: str | None = None

    def add(self, token: Token) -> None:
        """Take one more.

        Raises:
            jinja2.TemplateSyntaxError: that is too much.
        """
        kind, text = token.type, token.value
        if kind == "data":
            return
        self._count += 1
        if self._count > MAX_TOKENS:
            self._refuse(f"the blocks of a template hold more than {MAX_TOKENS:,} words and signs", token)
        if kind == "name":
            self._name(text)
        elif kind in ("block_begin", "variable_begin"):
            self._expression = _Expression()
            self._tag = "" if kind == "block_begin" else None
        elif kind == "assign" and self._tag == "set":
            self._blocks -= _BLOCK  # one that assigns has no end
            self._tag = None
        elif kind not in _OPERANDS:
            self._expression.add(text)
        if self._blocks + self._expression.weight > MAX_WEIGHT:
            self._refuse("this nests too deeply", token)

    def _name(self, text: str) -> None:
        if self._tag == "":
            self._blocks = max(0, self._blocks + _BLOCK * ((text in _BLOCKS) - text.startswith("end")))
            self._tag = text
        elif text in _WORDS:
            self._expression.add(text)

    def _refuse(self, message: str, token: Token) -> NoReturn:
        raise TemplateSyntaxError(message, token.lineno)
