"""Templates of the documentation and of the tests, broken: pieces cut out, doubled, swapped, put in from others."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.docs.pages import BLOCKS, PAGES, ROOT, literals
from tests.engine.templates_properties import values
from tests.engine.templates_properties.choices import Choices, decisions
from tests.engine.templates_properties.statements import any_statements

_TEMPLATE = re.compile(r"\{[{%#]")
_LONGEST = 400
_PIECE = re.compile(r"\w+|\{\{-?|-?\}\}|\{%-?|-?%\}|\s+|.", re.DOTALL)


def _constants(source: str) -> list[str]:
    tree = ast.walk(ast.parse(source))
    return [node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _corpus() -> list[str]:
    found = [literal for page in PAGES for literal in literals(page.read_text())] + [block.text for block in BLOCKS]
    for path in sorted((ROOT / "tests" / "engine").rglob("test_*.py")):
        found += _constants(path.read_text())
    return sorted({text for text in found if _TEMPLATE.search(text) and len(text) <= _LONGEST}, key=len)


CORPUS = _corpus()

TOKENS = [
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "|",
        ".",
        "(",
        ")",
        "[",
        "]",
        ",",
        "'",
        '"',
        "~",
        "*",
        "**",
        "//",
        "-",
        "=",
        "==",
        ":",
    ),
    *(
        " in ",
        " is ",
        " not ",
        " if ",
        " else ",
        " and ",
        " or ",
        "0",
        "-1",
        "9" * 20,
        "1e309",
        "1.5",
        "''",
        "[]",
        "{}",
        "()",
        "none",
    ),
    *(
        "{% if s %}",
        "{% else %}",
        "{% endif %}",
        "{% for x in xs %}",
        "{% endfor %}",
        "{% set x = s %}",
        "{% endset %}",
        "{% raw %}",
    ),
    *(
        "{% macro f(a) %}",
        "{% endmacro %}",
        "f()",
        "loop",
        "loop.index",
        "self",
        "self.f()",
        "caller()",
        "varargs",
        "kwargs",
        "super()",
    ),
    *(
        ".__class__",
        "['__class__']",
        ".__init__.__globals__",
        "|attr('__class__')",
        ".format",
        ".args",
        ".func",
        ".mro()",
        "._x",
    ),
    *(
        "range(3)",
        "range",
        "dict",
        "namespace",
        "namespace()",
        "cycler('a')",
        "joiner()",
        "lipsum()",
        "now",
        "{% now 'UTC', '%H' %}",
    ),
    *(
        "|upper",
        "|map('upper')",
        "|map(attribute='n')",
        "|list",
        "|join",
        "|sort",
        "|tojson",
        "|safe",
        "|e",
        "|first",
        "|int",
        "|x",
    ),
    *(
        "|groupby('n')",
        "|batch(2)",
        "|slice(0)",
        "|format(s)",
        "|round(99)",
        "|truncate(-1)",
        "|center(9)",
        "|indent",
        "|urlencode",
    ),
    *(
        "is defined",
        "is divisibleby 0",
        "is x",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% do x %}",
    ),
    *(
        "{% block a %}",
        "{% endblock %}",
        "{% call f() %}",
        "{% endcall %}",
        "{% filter upper %}",
        "{% endfilter %}",
        "{% autoescape true %}",
    ),
    *(
        "deep",
        "tree",
        "rows",
        "d",
        "nothing",
        "s",
        "xs",
        "<b>",
        "</b>",
        '<a href="',
        "&",
        "https://",
        "\\",
        "\x00",
        "\ud800",
        "é",
        "\n",
    ),
]


@dataclass(frozen=True)
class Broken:
    """A template that may be wrong in any way, and what it sees."""

    source: str
    context: dict[str, Any]


def _piece(choices: Choices, source: str) -> tuple[int, int]:
    """Return where one or some tokens of a template begin and end."""
    places = [found.start() for found in _PIECE.finditer(source)] + [len(source)]
    start = (choices.below(256) * 256 + choices.below(256)) % len(places)
    end = min(start + 1 + (choices.below(8) if choices.chance(2) else 0), len(places) - 1)
    return places[start], places[end]


def _origin(choices: Choices) -> str:
    if choices.chance(4):
        return any_statements(choices, 1, 2)
    return CORPUS[(choices.below(256) * 256 + choices.below(256)) % len(CORPUS)]


def _broken(decided: bytes, context: bytes) -> Broken:
    choices = Choices(decided)
    source = _origin(choices)
    for _ in range(choices.below(6)):
        start, end = _piece(choices, source)
        kind = choices.below(6)
        if kind == 0:
            source = source[:start] + source[end:]
        elif kind == 1:
            source = source[:end] + source[start:end] * (1 + choices.below(3)) + source[end:]
        elif kind == 2:
            other = _origin(choices)
            first, last = _piece(choices, other)
            source = source[:start] + other[first:last] + source[end:]
        elif kind == 3:
            source = (
                source[:start] + source[start : start + 1].swapcase() + source[start + 1 :][::-1][:1] + source[end:]
            )
        else:
            source = source[:start] + choices.pick(TOKENS) + (source[end:] if kind == 4 else source[start:])
    seen = values.context(Choices(context))
    known = {"pattern": {"name": seen["s"], "x": seen["t"]}, "response": {"status": 200, "data": seen["deep"]}}
    known["message"] = {"message": {"text": seen["s"], "chat": {"id": 1}}}
    known["env"] = {"shop": seen["t"], "api": "https://example.com"}
    return Broken(source, {**seen, **known})


def broken() -> st.SearchStrategy[Broken]:
    """Return broken templates, each with values."""
    return st.builds(_broken, decisions(160), decisions(100))
