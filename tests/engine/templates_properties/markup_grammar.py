"""Templates of texts whose tags are all their author's, and whose control flow does not depend on values.

So the tags of what they write are the same, whatever the values are.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.engine.templates_properties import values
from tests.engine.templates_properties.choices import Choices, decisions
from tests.engine.templates_properties.statements import Example, Statement, Statements

GIVEN = ("s", "t", "u", "ys", "env.word")

# What keeps apart who wrote which character.
EXACT = {
    "text": ["s", "t", "u", "ys[0]", "ys|first", "missing", "row.name", "row['name']", "ys|last"],
    "html": [
        *(
            "@text",
            "@text",
            "'<b>' ~ @text ~ '</b>'",
            "'<i>' + @text + '</i>'",
            "('<u>', @text, '</u>')|join",
            "'&lt;'",
        ),
        *(
            "@html if true else @html",
            "missing|default(@html)",
            "@html or @html",
            "bold(@text)",
            "env.word",
            "[@html, t]|join",
        ),
        *("@html ~ @html", "(@html,)[0]", "{'k': @html}.k", "ys|join('<br>')", "['<s>', '</s>']|join(@text)"),
        *("'<b>%s</b>' % @text", "'<b>%s</b>'|format(@text)", "'<b>x</b>'|replace('x', @text)", "stored", "@html|trim"),
    ],
}

FILTERED = {
    "text": [
        *(EXACT["text"]),
        *(
            "@text|upper",
            "@text|lower",
            "@text|title",
            "@text|capitalize",
            "@text|trim",
            "@text|reverse",
            "@text|string",
        ),
        *(
            "@text|replace('a', @text)",
            "@text|replace(@text, '<b>')|upper|length",
            "@text|truncate(5)",
            "@text|center(20)",
        ),
        *("@text|indent", "@text|wordwrap(3)", "@text|e", "@text|escape|upper", "@text|forceescape", "@text|striptags"),
        *(
            "@text|urlencode",
            "@text|tojson",
            "@text|e|lower",
            "@text|e|truncate(4, true, '')",
            "@text|e|replace('&', @text)",
        ),
        *(
            "@text|list",
            "@text|list|join(@text)",
            "@text|batch(3)|first|join",
            "@text|urlencode|upper",
            "@text|e|reverse",
        ),
        *(
            "@text.format(@text)",
            "@text * 2",
            "@text[1:]",
            "@text[0]",
            "@text|e|title",
        ),
        *(
            "@text.replace(@text, @text)",
            "@text.join(ys)",
            "@text.upper()",
            "@text.swapcase()",
            "@text.center(30, '<')",
        ),
        *("@text.split()|join(@text)", "@text.partition(' ')|join", "{@text: @text}", "[@text, @text]", "(@text, 1)"),
        *(
            "@text|default('<b>')|upper",
            "ys|map('upper')|join",
            "ys|map('e')|join(@text)",
            "ys|sort|join",
            "ys|unique|join",
        ),
        *(
            "rows|map(attribute='name')|join(@text)",
            "rows|groupby('name')|list",
            "{'<b>': @text}|tojson",
            "@text ~ @text",
        ),
        *(
            "'%r' % @text",
            "'%s'|format([@text])",
            "'{}'.format(@text)",
            "'{0!r}'.format(@text)",
            "@text|e|e",
            "@text|attr(@text)",
        ),
        *(
            "row[@text]",
            "row|dictsort",
            "namespace(a=@text).a",
            "cycler(@text, 'x').next()",
            "dict(a=@text)",
        ),
        *("@text|e|indent(2, true)", "@text|e|center(9)", "(@text|e)[1:]", "(@text|e) ~ @text", "(@text|e) + @text"),
        *(
            "@text|e|join('<')|length",
            "@text|tojson|e",
            "@text|striptags|striptags",
            "@text|urlencode|replace('%', '<')|length",
        ),
    ],
    "html": EXACT["html"],
}

CHUNKS = ["x", " ", "\n", "a &amp; b", "&lt;b&gt;", "'", '"', "it's =", "é", "&", "a&b", "&#60;"]

STATEMENTS = [
    Statement("{{ @html }}"),
    Statement("{{ @text }}"),
    Statement("@pad"),
    Statement("<u>{{ @text }}</u>"),
    Statement("<b>@body</b>"),
    Statement("<i>{{ @html }}</i>@body"),
    Statement("<tg-spoiler>@body</tg-spoiler>"),
    Statement("<blockquote expandable>@body</blockquote>"),
    Statement('<a href="https://example.com/{{ @text }}">@body</a>'),
    Statement("<a href='https://example.com/?a={{ @text }}&amp;b={{ @text }}'>@body</a>"),
    Statement('<a title="{{ @text }}" href="https://example.com/">@body</a>'),
    Statement("<a href=https://example.com/{{ @text }}>@body</a>"),
    Statement('<code class="language-{{ @text }}">{{ @text }}</code>'),
    Statement('<a href="https://example.com/{% if true %}{{ @text }}{% else %}x{% endif %}">@body</a>'),
    Statement("{% if true %}@body{% else %}<b>@body{% endif %}"),
    Statement("{% if false %}@body<i>{% endif %}@body"),
    Statement("{% for s in ys %}{{ loop.index }}<b>{{ @html }}</b>@body{% endfor %}"),
    Statement("{% for r in rows %}<i>{{ r.name }}</i>{% endfor %}"),
    Statement("{% set s = @html %}{{ s }}"),
    Statement("{% set u %}<u>@body</u>{% endset %}{{ u }}"),
    Statement("{% with t = @html %}@body{% endwith %}"),
    Statement("{% macro m(t) %}<b>{{ t }}</b>@body{% endmacro %}{{ m(@html) }}"),
    Statement("{% macro c() %}<b>{{ caller() }}</b>{% endmacro %}{% call c() %}@body{% endcall %}"),
    Statement("{% autoescape false %}@body{% endautoescape %}"),
    Statement("{% raw %}<b>{{ s }}</b>{% endraw %}"),
    Statement("{% block only %}@body{% endblock %}{{ self.only() }}"),
]
FILTER_BLOCKS = [
    Statement("{% filter upper %}@body{% endfilter %}"),
    Statement("{% filter trim %}@body{% endfilter %}"),
    Statement("{% filter title|center(40) %}@body{% endfilter %}"),
    Statement("{% filter e %}@body{% endfilter %}"),
    Statement("{% set t|lower %}@body{% endset %}{{ t }}"),
]
_BEFORE = "{% macro bold(t) %}<b>{{ t }}</b>{% endmacro %}{% set stored %}<s>{{ s }}</s>{% endset %}"
_HOLE = re.compile("@(text|html)")


class MarkupExpressions:
    """Fills holes with expressions of a table.

    Args:
        choices: decide which.
        table: `EXACT` or `FILTERED`.
    """

    def __init__(self, choices: Choices, table: dict[str, list[str]]) -> None:
        self._choices = choices
        self._table = table

    def fill(self, pattern: str, known: frozenset[str], depth: int) -> str:
        """Return a pattern with an expression in every hole."""

        def filled(hole: re.Match[str]) -> str:
            options = self._table[hole[1]] if depth > 0 else EXACT["text"]
            return f"({self.fill(self._choices.pick(options), known, depth - 1)})"

        return _HOLE.sub(filled, pattern)


def given(text: str) -> dict[str, object]:
    """Return what these templates see, every value the same text."""
    return {
        **dict.fromkeys(("s", "t", "u"), text),
        "ys": [text, text, text],
        "row": {"name": text, text: text},
        "rows": [{"name": text}],
        "env": {"word": "<b>our</b>&amp;"},
    }


def _example(template: bytes, value: bytes, table: dict[str, list[str]], statements: list[Statement]) -> Example:
    choices = Choices(template)
    made = Statements(choices, statements, MarkupExpressions(choices, table), CHUNKS)
    source = _BEFORE + made.body(frozenset(), 2, 4)
    if source.count("{% block") > 1:
        source = re.sub(r"\{% block only %\}|\{% endblock %\}|\{\{ self.only\(\) \}\}", "", source)
    return Example(source, given(values.hostile(Choices(value))))


def exact() -> st.SearchStrategy[Example]:
    """Return templates that show their values as they are."""
    return st.builds(_example, decisions(), st.binary(min_size=8, max_size=20), st.just(EXACT), st.just(STATEMENTS))


def filtered() -> st.SearchStrategy[Example]:
    """Return templates that compute with their values."""
    statements = STATEMENTS + FILTER_BLOCKS
    return st.builds(_example, decisions(), st.binary(min_size=8, max_size=20), st.just(FILTERED), st.just(statements))
