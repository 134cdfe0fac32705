"""The expressions of Jinja's language, by the type of what they give, so that most of them make sense.

``@`` and a type's name stands for any expression of that type.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.templates_properties.choices import Choices

NAMES = {
    **dict.fromkeys(("n", "m", "i", "j", "f", "ns.a"), "num"),
    **dict.fromkeys(("s", "t", "k", "v", "ns.b"), "text"),
    **dict.fromkeys(("yes",), "bool"),
    **dict.fromkeys(("xs", "zs"), "nums"),
    **dict.fromkeys(("ys", "ws"), "texts"),
    **dict.fromkeys(("d",), "dict"),
    **dict.fromkeys(("row", "r"), "row"),
    **dict.fromkeys(("rows",), "rows"),
    **dict.fromkeys(("deep", "nothing", "tree", "a"), "any"),
}
"""The names that templates use, and the type of the value that each has in every template."""

GIVEN = ("n", "m", "f", "s", "t", "yes", "xs", "ys", "d", "row", "rows", "deep", "nothing", "tree")
"""The names that a template sees from the beginning."""

LEAVES = {
    "num": ["1", "2", "0", "3", "10", "1.5", "-1", "0x1f", "1_000", "2e2", "0b11", "true"],
    "text": ["'a'", "'b c'", '"it\'s"', "''", "'<i>&'", r"'\n\'\u00e9'", "'x' 'y'", "'Foo bar'", "'12'", "'a-b'"],
    "bool": ["true", "false", "True", "not false"],
    "nums": ["[1, 2, 3]", "[]", "[3, 1, 2]", "(1, 2)", "range(4)", "range(1, 9, 3)", "[1.5, 2]"],
    "texts": ["['a', 'b']", "['B', 'a', 'C']", "['a', 'A', 'b']", "('x', 'y')", "'a b c'.split()", "'abc'|list"],
    "dict": ["{'a': 1, 'b': 2}", "{}", "{'b': 1, 'a': 3, 'C': 2}", "dict(a=1)", "dict(x=1, **{'y': 2})"],
    "row": ["{'name': 'q', 'n': 4, 'tags': ['u']}", "dict(name='q', n=4, tags=[])"],
    "rows": ["[{'name': 'q', 'n': 4, 'tags': []}, {'name': 'p', 'n': 4, 'tags': ['z']}]", "[]"],
    "pairs": ["[(1, 'a'), (2, 'b')]", "[[1, 'a']]", "d|dictsort", "d.items()"],
    "any": ["none", "missing", "missing.x", "()", "(1, 'a')", "[[1], 'a']", "{'x': [1]}", "None"],
    "small": ["1", "2", "3", "0", "5", "-1"],
    "key": ["'a'", "'b'", "'name'", "'n'", "'missing'", "'items'", "0", "1"],
}

IN_LOOP = {
    "num": ["loop.index", "loop.index0", "loop.revindex", "loop.revindex0", "loop.length", "loop.depth", "loop.depth0"],
    "text": ["loop.cycle('odd', 'even')", "loop.cycle(*['p', 'q', 'r'])"],
    "bool": ["loop.first", "loop.last", "loop.changed(m)", "loop.previtem is defined", "loop.nextitem is undefined"],
    "any": ["loop.previtem", "loop.nextitem"],
}

CALLS = {
    "greet": ["greet(@text)", "greet(@text, @num)", "greet(j=@num, k=@text)", "greet()", "greet(*[@text, @num])"],
    "many": ["many(@num, @text, x=@any)", "many()", "many(@text, **{'x': @num})", "many(*@texts)"],
    "wrap": ["wrap()", "wrap(@text)"],
    "turn": ["turn.next()", "turn.current"],
    "comma": ["comma()"],
    "stored": ["stored", "stored|length|string", "stored|upper"],
    "self.part": ["self.part()"],
}
"""What gives a text once a template has defined it."""

EVERY = [
    "@same if @bool else @same",
    "@same or @same",
    "@same and @same",
    "@same|default(@same)",
    "(@same,)[0]",
    "[@same, @same]|first",
    "[@same]|last",
    "{'k': @same}.k",
    "{'k': @same}['k']",
    "missing|default(@same)",
    "missing.a.b or @same",
    "(@same)",
]
"""Ways to get a value of the same type."""


def _read(text: str) -> dict[str, list[str]]:
    """Return the lines below each heading."""
    sections: dict[str, list[str]] = {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            lines = sections.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


PRODUCTIONS = _read(Path(__file__).with_name("expressions.txt").read_text())
"""Of each type, expressions with holes."""

_HOLE = re.compile("@([a-z]+)")
_ATOM = re.compile(r"[\w.]+|'[^'\\]*'")


class Expressions:
    """Makes expressions.

    Args:
        choices: decide which.
    """

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def make(self, kind: str, known: frozenset[str], depth: int) -> str:
        """Return an expression.

        Args:
            kind: the type of what it gives.
            known: the names that are defined, ``loop`` among them inside of one.
            depth: how deep it may nest.
        """
        if depth <= 0 or self.choices.chance(5):
            return self._leaf(kind, known, depth)
        options = EVERY if self.choices.chance(8) else PRODUCTIONS[kind]
        return self.fill(self.choices.pick(options).replace("@same", f"@{kind}"), known, depth - 1)

    def fill(self, pattern: str, known: frozenset[str], depth: int) -> str:
        """Return a pattern with an expression in every hole."""
        return _HOLE.sub(lambda hole: self._operand(self.make(hole[1], known, depth)), pattern)

    def _operand(self, expression: str) -> str:
        if _ATOM.fullmatch(expression) or self.choices.chance(12):
            return expression
        return f"({expression})"

    def _leaf(self, kind: str, known: frozenset[str], depth: int) -> str:
        named = [name for name in sorted(known) if NAMES.get(name) == kind]
        looped = IN_LOOP.get(kind, []) if "loop" in known else []
        called = [call for name in sorted(known & CALLS.keys()) for call in CALLS[name]] if kind == "text" else []
        groups = [group for group in (LEAVES.get(kind, []), named, named, looped, called) if group]
        leaf = self.choices.pick(self.choices.pick(groups))
        return self.fill(leaf, known, depth - 1) if "@" in leaf and depth > -2 else leaf.replace("@", "missing.")
