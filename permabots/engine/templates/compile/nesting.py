"""Limits on the nesting and the number of tokens of a template, checked before Jinja's parser, which recurses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

MAX_WEIGHT = 150
"""The deepest nesting, in operators. The parser takes several stack frames for each."""

MAX_TOKENS = 1_000
"""Tokens in the blocks of one template at most: so many are compiled in about 5 ms."""

_BRACKET = 4
_BLOCK = 3
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_OPERANDS = frozenset({"block_end", "float", "integer", "string", "variable_end"})
_FLAT = frozenset({",", "~"})
"""Operators that do not nest: their operands stand beside each other."""
_WORDS = frozenset({"and", "else", "if", "in", "is", "not", "or"})
_BLOCKS = frozenset({"block", "call", "filter", "for", "if", "macro", "set"})


class _Expression:
    """The nesting of one expression as its weight: the number of its operators so far, for each open bracket.

    A closed bracket weighs as much as its heaviest part, and counts to the operand that it is in.
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
    """Checks the tokens of a template between Jinja's lexer and its parser, which recurses."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens, as long as the limits hold.

        Args:
            stream: the tokens of Jinja's lexer.

        Raises:
            jinja2.TemplateSyntaxError: brackets and blocks are nested too deeply, operators are chained too long, or
                the blocks hold too many tokens; the message says which, and in which line.
        """
        nesting = _Nesting()
        for token in stream:
            nesting.add(token)
            yield token


class _Nesting:
    """The nesting of the tokens so far, and their number in blocks."""

    def __init__(self) -> None:
        self._count = 0
        self._blocks = 0
        self._expression = _Expression()
        self._tag: str | None = None

    def add(self, token: Token) -> None:
        """Count one more token.

        Raises:
            jinja2.TemplateSyntaxError: a limit is exceeded.
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
            self._blocks -= _BLOCK  # a set with = has no endset
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
