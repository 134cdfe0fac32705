"""Reading a Python or JSON literal that somebody wrote, without evaluating it and without trusting its size."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

MAX_CHARS = 100_000
"""The longest literal."""

MAX_DEPTH = 50
"""The deepest nesting of brackets."""

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+")
    |(?P<open>[\[({])
    |(?P<close>[\])}])
    |(?P<separator>[,:])
    |(?P<blank>\s+|\#[^\n]*)
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<word>(?:true|false|null|True|False|None)\b)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS_A_VALUE = frozenset({"text", "close", "number", "word"})
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\n\\'\"abfnrtv01234567xNuU")
_JSON_WORDS = {"true": True, "false": False, "null": None}


def read_literal(source: str) -> Any:
    """Return the value of a literal: JSON, or Python's with the words ``true``, ``false`` and ``null`` besides.

    Lists, tuples, dicts, sets, texts and numbers are read, nothing else. Python's parser only ever sees what is made
    of their tokens and is nested moderately, so it can neither crash nor use up the memory.

    Args:
        source: the literal, without blanks around it.

    Raises:
        ValueError: it is none, is too long or nests too deeply; the message says which.
        TypeError: something in a set or before a colon cannot stand there.
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
    """Refuse what is not made of a literal's tokens, or has two values without a comma between them."""
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


def _escape(found: re.Match[str]) -> str:
    """Spell out what Python makes of a backslash before any other character: itself, but with a warning."""
    return found[0] if found[1] in _KNOWN_ESCAPES else "\\" + found[0]


class _JsonWords(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(_JSON_WORDS[node.id])
