"""Reading Python and JSON literals of untrusted texts, without evaluating them, within limits of size and nesting."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

MAX_CHARS = 100_000
"""The longest literal, in characters."""

MAX_DEPTH = 50
"""The deepest nesting of brackets."""

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+")
    |(?P<open>[\[({])
    |(?P<close>[\])}])
    |(?P<separator>[,:])
    |(?P<blank>\s+|\#[^\r\n]*)
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<word>(?:true|false|null|True|False|None)\b)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS_A_VALUE = frozenset({"text", "close", "number", "word"})
_ESCAPE = re.compile(r"\\([4-7][0-7]{2}|.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\n\\'\"abfnrtv01234567xNuU")
_JSON_WORDS = {"true": True, "false": False, "null": None}


def read_literal(source: str) -> Any:
    """Return the value of a literal: one of JSON, or one of Python with the words ``true``, ``false`` and ``null`` too.

    Only lists, tuples, dicts, sets, texts and numbers are read. A text with other tokens or deeper nesting never
    reaches Python's parser, so it can neither crash the parser nor use up the memory.

    Args:
        source: the literal, without blanks around it.

    Raises:
        ValueError: the text is not a literal, is too long or nested too deeply; the message says which.
        TypeError: a value in a set, or a key of a dict, is not hashable.
    """
    _inspect(source)
    try:
        return json.loads(source)
    except ValueError:
        pass  # most authors write Python
    try:
        tree = ast.parse(_ESCAPE.sub(_escape, source), mode="eval")
        return ast.literal_eval(_JsonWords().visit(tree))
    except SyntaxError as error:
        raise ValueError(error.msg) from error


def _inspect(source: str) -> None:
    """Refuse a text with other tokens than those of literals, or with two values without a comma between them."""
    if len(source) > MAX_CHARS:
        raise ValueError(f"longer than {MAX_CHARS:,} characters")
    position = depth = 0
    previous = ""
    while position < len(source):
        token = _TOKEN.match(source, position)
        if not token:
            raise ValueError(f"unexpected {source[position : position + 10]!r}")
        position = token.end()
        kind = str(token.lastgroup)
        if kind == "blank":
            continue
        if previous in _ENDS_A_VALUE and kind not in {"close", "separator"} and (previous, kind) != ("text", "text"):
            raise ValueError(f"a comma is missing before {token[0][:10]!r}")
        depth += (kind == "open") - (kind == "close")
        if depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} brackets inside each other")
        previous = kind


def _escape(sequence: re.Match[str]) -> str:
    """Write what Python reads, but with a warning, as it reads it: a backslash that begins no escape sequence is
    doubled, and an octal escape above one byte is written in hexadecimal."""
    if len(sequence[1]) == 3:
        return f"\\u{int(sequence[1], 8):04x}"
    return sequence[0] if sequence[1] in _KNOWN_ESCAPES else "\\" + sequence[0]


class _JsonWords(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(_JSON_WORDS[node.id])
