"""Templates of all of Jinja's statements. Names that one defines are known to those behind it, so they are used.

``@body`` stands for statements, ``@`` and a type's name for an expression of it, ``@pad`` for a bit of literal text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.engine.templates_properties import values
from tests.engine.templates_properties.choices import Choices, decisions
from tests.engine.templates_properties.expressions import GIVEN, Expressions

PADS = ["x", " ", "\n", "<b>", "a b\n  c", "}", "{ ", "it's", "# %", "é", "", "\n\n", "]]", "%}"]


@dataclass(frozen=True)
class Statement:
    """A pattern, the names known inside of it, and those known behind it."""

    pattern: str
    inside: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


STATEMENTS = [
    Statement("{{ @any }}"),
    Statement("{{ @text }}"),
    Statement("{{ @num }}"),
    Statement("{{ @nums }}"),
    Statement("@pad"),
    Statement("{{ @texts }}|{{ @bool }}"),
    Statement("{# @pad #}"),
    Statement("{% print @any %}"),
    Statement("{% if @bool %}@body{% endif %}"),
    Statement("{% if @any %}@body{% else %}@body{% endif %}"),
    Statement("{% if @bool %}@body{% elif @bool %}@body{% elif @num %}{{ @any }}{% else %}@body{% endif %}"),
    Statement("{% for i in @nums %}@body{% endfor %}", ("i", "loop")),
    Statement("{% for i in @nums if i is odd %}@body{% else %}@body{% endfor %}", ("loop",)),
    Statement("{% for s in @texts %}{{ s }}@body{% endfor %}{{ s }}", ("s", "loop")),
    Statement("{% for k in @texts %}{{ k }}{% if not loop.last %}, {% endif %}@body{% endfor %}", ("k", "loop")),
    Statement("{% for k, i in @dict.items() %}@body{% endfor %}", ("k", "i", "loop")),
    Statement("{% for i, k in @pairs %}{{ i }}:{{ k }}@body{% endfor %}", ("loop",)),
    Statement("{% for i, (j, k) in [(1, (2, 'a')), (3, [4, @text])] %}@body{% endfor %}", ("i", "j", "k", "loop")),
    Statement("{% for r in @rows %}{{ r.name }}@body{% else %}none{% endfor %}", ("r", "loop")),
    Statement("{% for r in @rows recursive %}{{ r.n }}@body{% endfor %}", ("r", "loop")),
    Statement(
        "{% for a in tree recursive %}{{ loop.depth }}{{ a.name }}({{ loop(a.kids) }}){{ loop.index }}@body"
        "{% endfor %}",
        ("loop",),
    ),
    Statement("{% for a, b in rows|groupby('n') %}{{ a }}={{ b|map(attribute='name')|join }}@body{% endfor %}"),
    Statement("{% for a in @any %}{{ a }}{{ loop.length }}{% endfor %}"),
    Statement(
        "{% for r in @rows %}{% set outer = loop %}{% for k in r.tags %}{{ outer.index }}{{ k }}@body{% endfor %}"
        "{% endfor %}"
    ),
    Statement("{% set i = @num %}", (), ("i",)),
    Statement("{% set n = n + 1 %}{{ n }}"),
    Statement("{% set k, j = @text, @num %}", (), ("k", "j")),
    Statement("{% set v = @text %}{{ v }}", (), ("v",)),
    Statement("{% set zs = @nums %}", (), ("zs",)),
    Statement("{% set ws = @texts|list %}", (), ("ws",)),
    Statement("{% set stored %}@body{% endset %}{{ stored }}", (), ("stored",)),
    Statement("{% set stored|upper|replace('A', 'o') %}@body{% endset %}", (), ("stored",)),
    Statement("{% set ns = namespace(a=@num, b=@text) %}", (), ("ns", "ns.a", "ns.b")),
    Statement(
        "{% set ns = namespace({'a': @num}, b='z') %}{% for i in @nums %}{% set ns.a = ns.a + 1 %}{% endfor %}"
        "{{ ns.a }}"
    ),
    Statement("{% set ns = namespace(a=1) %}{% set ns.b %}@body{% endset %}{{ ns.b }}", (), ("ns", "ns.a", "ns.b")),
    Statement("{% with i = @num, k = @text %}@body{% endwith %}{{ i }}", ("i", "k")),
    Statement("{% with %}{% set s = @text %}@body{% endwith %}{{ s }}"),
    Statement("{% macro greet(k='q', j=3) %}{{ k }}{{ j }}@body{% endmacro %}", ("k", "j"), ("greet",)),
    Statement("{% macro greet(k, j=@num) %}{{ k }}@body{{ n }}{% endmacro %}{{ greet(@text) }}", ("j",), ("greet",)),
    Statement(
        "{% macro many() %}{{ varargs|join('+') }}{% for k, a in kwargs.items() %}{{ k }}={{ a }}{% endfor %}@body"
        "{% endmacro %}",
        (),
        ("many",),
    ),
    Statement(
        "{% macro wrap(k='') %}[{{ k }}{% if caller %}{{ caller(1, 'c') }}{% endif %}]{% endmacro %}", (), ("wrap",)
    ),
    Statement("{% macro wrap(k='') %}{{ caller() if caller else '-' }}@body{% endmacro %}", ("k",), ("wrap",)),
    Statement(
        "{% macro wrap() %}{{ caller(5) }}{% endmacro %}{% call(i, k='d') wrap() %}{{ i }}@body{% endcall %}", ("k",)
    ),
    Statement("{% macro wrap(k) %}({{ caller() }}{{ k }}){% endmacro %}{% call wrap(@text) %}@body{% endcall %}"),
    Statement("{% filter upper %}@body{% endfilter %}"),
    Statement("{% filter replace('a', 'e')|trim|indent(1) %}@body{% endfilter %}"),
    Statement("{% raw %}{{ n }}{% if %}{# #}{% endraw %}"),
    Statement("{% autoescape true %}@body{% endautoescape %}"),
    Statement("{% set turn = cycler('p', 'q') %}{{ turn.next() }}", (), ("turn",)),
    Statement("{% set comma = joiner(', ') %}{% for i in @nums %}{{ comma() }}{{ i }}{% endfor %}", (), ("comma",)),
    Statement("{{ n if n }}{{ s.upper }}{{ d.values }}{{ xs.index }}"),
    Statement("{% macro see() %}{{ later }}{% endmacro %}{{ see() }}{% set later = @num %}{{ see() }}"),
]

BLOCKS = [
    Statement("{% block part %}@body{% endblock %}", (), ("self.part",)),
    Statement("{% for i in @nums %}{% block part scoped %}{{ i }}@body{% endblock %}{% endfor %}", (), ("self.part",)),
    Statement("{% for i in @nums %}{% block part %}{{ i }}@body{% endblock part %}{% endfor %}", (), ("self.part",)),
]
"""At most one of these is in a template, since the name of a block is used once."""

_BODY = re.compile("@(body|pad)")
_SIGN = re.compile(r"\{\{|\{%|%\}|\}\}")


@dataclass(frozen=True)
class Example:
    """A template and what it sees."""

    source: str
    context: dict[str, Any]


class Statements:
    """Makes templates.

    Args:
        choices: decide which.
        statements: the patterns of statements that there are; the first four are those that nest nothing.
        expressions: fills the holes of patterns.
        pads: literal texts.
    """

    def __init__(self, choices: Choices, statements: list[Statement], expressions: Any, pads: list[str]) -> None:
        self._choices = choices
        self._statements = statements
        self._expressions = expressions
        self._pads = pads
        self._block = False

    def body(self, known: frozenset[str], depth: int, most: int = 3) -> str:
        """Return some statements, one behind the other."""
        written = []
        for _ in range(1 + self._choices.below(most)):
            statement = self._next(depth)
            written.append(self._written(statement, known, depth))
            known |= frozenset(statement.after)
        return "".join(written)

    def _next(self, depth: int) -> Statement:
        if depth <= 0:
            return self._choices.pick(self._statements[:4])
        if self._statements is STATEMENTS and not self._block and self._choices.chance(40):
            self._block = True
            return self._choices.pick(BLOCKS)
        return self._choices.pick(self._statements)

    def _written(self, statement: Statement, known: frozenset[str], depth: int) -> str:
        inner = known | frozenset(statement.inside)
        written = []
        for number, part in enumerate(_BODY.split(statement.pattern)):
            if not number % 2:
                written.append(self._expressions.fill(part, known, 2))
            else:
                written.append(self._choices.pick(self._pads) if part == "pad" else self.body(inner, depth - 1, 2))
        return "".join(written)


def with_whitespace_control(source: str, choices: Choices) -> str:
    """Return a template in which some signs strip the blanks beside them."""
    if not choices.chance(3):
        return source

    def changed(sign: re.Match[str]) -> str:
        if not choices.chance(5):
            return sign[0]
        return sign[0] + "-" if sign[0][0] == "{" else "-" + sign[0]

    return _SIGN.sub(changed, source)


def any_statements(choices: Choices, depth: int, most: int) -> str:
    """Return a template of all of Jinja's language."""
    return Statements(choices, STATEMENTS, Expressions(choices), PADS).body(frozenset(GIVEN), depth, most)


def _example(template: bytes, context: bytes) -> Example:
    choices = Choices(template)
    source = any_statements(choices, 2, 5)
    return Example(with_whitespace_control(source, choices), values.context(Choices(context)))


def made_up() -> st.SearchStrategy[Example]:
    """Return templates of all of Jinja's language, each with values."""
    return st.builds(_example, decisions(), decisions(100))
