"""Text templates: what values become in HTML, what is the author's own, what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permabots.engine.templates import Budget, RenderLimits, render_text
from permabots.engine.templates.emoji import EMOJI
from tests.engine.templates.rendering import text

RAW = "<b>\"Tom\" & 'Jo'</b>"
BY_HAND = "&lt;b&gt;&#34;Tom&#34; &amp; &#39;Jo&#39;&lt;/b&gt;"
ESCAPED = "&lt;b&gt;\"Tom\" &amp; 'Jo'&lt;/b&gt;"


def undefined(source: str, **context: Any) -> list[str]:
    budget = Budget(RenderLimits())
    render_text(source, context, budget)
    return budget.undefined


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ x }}", ESCAPED),
        ("{{ x|safe }}", RAW),
        ("{{ x|e }}", BY_HAND),
        ("{{ x|escape|e }}", BY_HAND),
        ("{{ x|e|upper }}", BY_HAND.upper()),
        ("{{ '<i>' }}", "<i>"),
        ("{{ '<i>' ~ x ~ '</i>' }}", f"<i>{ESCAPED}</i>"),
        ("{{ 'x' ~ x }}", f"x{ESCAPED}"),
        ("{{ '<i>' + x }}", f"<i>{ESCAPED}"),
        ("{{ x + '<i>' }}", f"{ESCAPED}<i>"),
        ("{{ x + 'i' }}", f"{ESCAPED}i"),
        ("{{ '<i>' * 2 }}", "<i><i>"),
        ("{{ [x, 'a']|join('<br>') }}", f"{ESCAPED}<br>a"),
        ("{{ '<br>'.join([x, 'a']) }}", f"{ESCAPED}<br>a"),
        ("{{ [x, '<i>']|join(', ') }}", f"{ESCAPED}, <i>"),
        ("{{ [x, x]|join(', ') }}", f"{ESCAPED}, {ESCAPED}"),
        ("{{ '<i>%s</i>' % x }}", f"<i>{ESCAPED}</i>"),
        ("{{ '<i>%s</i>'|format(x) }}", f"<i>{ESCAPED}</i>"),
        ("{{ '<i>{}</i>'.format(x) }}", f"<i>{ESCAPED}</i>"),
        ("{{ '<i>{a}</i>'.format_map({'a': x}) }}", f"<i>{ESCAPED}</i>"),
        ("{{ '%s!' % '<i>'|safe }}", "<i>!"),
        ("{{ '{}!'.format(env.html) }}", "<u>&</u>!"),
        ("{{ x.format(env.html) }}", ESCAPED),
        ("{{ 'a-b'.replace('-', '<br>') }}", "a<br>b"),
        ("{{ x.replace('&', '<br>') }}", "&lt;b&gt;\"Tom\" <br> 'Jo'&lt;/b&gt;"),
        ("{{ x|replace('<', '[') }}", "[b&gt;\"Tom\" &amp; 'Jo'[/b&gt;"),
        ("{{ '<i>'|replace('i', x) }}", f"&lt;{ESCAPED}>"),
        ("{{ env.html }}", "<u>&</u>"),
        ("{{ env.html|upper }}", "<U>&</U>"),
        ("{{ env.html|title }}", "<U>&</u>"),
        ("{{ env.html ~ x }}", f"<u>&</u>{ESCAPED}"),
        ("{{ env['html'].split('&')|join(x) }}", f"<u>{ESCAPED}</u>"),
        ("{{ {'a': x}|tojson }}", '{"a": "\\u003cb\\u003e\\"Tom\\" \\u0026 \'Jo\'\\u003c/b\\u003e"}'),
        ("{{ [x[:3]] }}", "['&lt;b&gt;']"),
        ("{{ ['<b>'] }}", "['<b>']".replace("<", "&lt;").replace(">", "&gt;")),
        ("{{ x or '<i>' }}{{ no or '<i>' }}", f"{ESCAPED}<i>"),
        ("{{ no|default('<i>') }}", "<i>"),
    ],
)
def test_values_are_escaped_and_the_authors_own_text_is_not(source: str, expected: str) -> None:
    assert text(source, x=RAW, env={"html": "<u>&</u>"}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(x) }}", f"<i>{ESCAPED}</i>"),
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(1) ~ x }}", f"<i>1</i>{ESCAPED}"),
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ x + m(1) }}", f"{ESCAPED}<i>1</i>"),
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m('').replace('i', x) }}", f"&lt;{ESCAPED}>&lt;/{ESCAPED}>"),
        ("{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m('a').join([x, x]) }}", f"{ESCAPED}<i>a</i>{ESCAPED}"),
        (
            "{% macro m() %}<i>{{ caller() }}</i>{% endmacro %}{% call m() %}<u>{{ x }}{% endcall %}",
            f"<i><u>{ESCAPED}</i>",
        ),
        ("{% set a %}<i>{{ x }}{% endset %}{{ a }}", f"<i>{ESCAPED}"),
        ("{% set a %}<i>{{ x }}{% endset %}{{ a.replace('i', '<') }}", "&lt;&lt;>" + ESCAPED),
        ("{% set a = '<i>' ~ x %}{{ a }}", f"<i>{ESCAPED}"),
        ("{% filter trim %} <i>{{ x }} {% endfilter %}", f"<i>{ESCAPED}"),
        ("{% filter replace('i', x) %}<i>{% endfilter %}", f"&lt;{ESCAPED}>"),
        ("{% filter striptags %}<i>{{ x }}{% endfilter %}", "\"Tom\" &amp; 'Jo'"),
        ("{% filter list %}ab{% endfilter %}", "['a', 'b']"),
        ("{% call '{}'.format(x) %}{% endcall %}", ESCAPED),
        ("{% for a in [x] recursive %}<i>{{ a }}{{ loop([]) }}{% endfor %}", f"<i>{ESCAPED}"),
        ("{% block a %}<i>{{ x }}{% endblock %}{{ self.a() }}", f"<i>{ESCAPED}<i>{ESCAPED}"),
    ],
)
def test_escaping_holds_in_every_construct(source: str, expected: str) -> None:
    assert text(source, x=RAW) == expected


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_no_value_makes_a_tag_or_an_entity(value: str) -> None:
    source = (
        "{{ x }}{{ x|upper }}{{ x ~ x }}{{ [x] }}{{ '%s' % x }}{{ '{}'.format(x) }}{{ {x: x}|tojson }}{{ x|title }}"
    )
    rendered = text(source, x=value)
    assert "<" not in rendered
    assert ">" not in rendered
    assert rendered.count("&") == sum(rendered.count(entity) for entity in ("&amp;", "&lt;", "&gt;"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (True, "True"),
        (0, "0"),
        (1.5, "1.5"),
        ({}, "{}"),
        (["a", 1], "['a', 1]"),
        (datetime(2016, 4, 7, 3, 33, 20, tzinfo=UTC), "2016-04-07 03:33:20+00:00"),
    ],
)
def test_other_values_are_shown_as_python_shows_them(value: object, shown: str) -> None:
    assert text("{{ x }}", x=value) == shown


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{env.shop}}/{{env.none}}", "books/"),
        ("{{emoji.pile_of_poo}} {{emoji.nonsense}}", "💩 "),
        ("{% for a in response.data %}<b>{{a.name}}</b>{% endfor %} {{response.status}}", "<b>x</b><b>y</b> 200"),
        ("{{ response.data|map(attribute='name')|join(', ') }}", "x, y"),
        ("{% for a in response.data %}{{ loop.index }}/{{ loop.length }}{% endfor %}", "1/22/2"),
        ("{{message.keys()|list|sort|join(',')}}", "body,items"),
        ("{{message.items}}", "[1]"),
        ("{{message.items()|list|length}}", "2"),
        ("{{message['items'][0]}}{{message.body[1:]}}{{message.get('body')}}", "1iHi"),
        ("{{ ['a','b'] }} {{ {'a': 1} }} {{ (1, 2) }}", "['a', 'b'] {'a': 1} (1, 2)"),
        (
            "{% set ns = namespace(n=0) %}{% for i in range(4) if i %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
            "6",
        ),
        ("{% for i in range(2, 8, 3) %}{{ i }}{% else %}none{% endfor %}", "25"),
        ("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ dict(a=1).a }}", "ab1"),
        ("{% set j = joiner('-') %}{{ j() }}a{{ j() }}b", "a-b"),
        ("{% set a, b = 1, 2 %}{{ a - b }}{{ a / b }}{{ 7 // 2 }}{{ 7 % 2 }}{{ 2 ** 3 }}{{ -a }}", "-10.5318-1"),
        ("one\\ntwo", "one\\ntwo"),
    ],
)
def test_what_is_known_can_be_used(source: str, expected: str) -> None:
    context = {
        "env": {"shop": "books"},
        "emoji": EMOJI,
        "response": {"status": 200, "data": [{"name": "x"}, {"name": "y"}]},
        "message": {"body": "Hi", "items": [1]},
    }
    assert text(source, **context) == expected


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ a.b.c }}", ["a.b.c"]),
        ("{{ known.x.y }}{{ known['z'] }}{{ known[0] }}", ["known.x.y", "known.z", "known.0"]),
        ("{{ known.deep.x }}{{ known.deep.x }}", ["known.deep.x"]),
        (
            "{{ known.get('a').b }}{{ (known or known).c }}{{ known.x() }}{{ nope().y }}",
            ["known.get().b", "(…).c", "known.x()", "nope().y"],
        ),
        ("{% for x in known.list %}{% endfor %}{{ nope|join }}{{ 'a' ~ gone }}", ["known.list", "nope", "gone"]),
        ("{{ ['a', gone]|tojson }}{{ gone|int }}{{ gone|float(1.5) }}", ["gone"]),
        ("{{ ''.__class__.__mro__ }}{{ known.__class__ }}", ["(…).__class__.__mro__", "known.__class__"]),
        ("{{ cycler.__init__.__globals__.os.name }}", ["cycler.__init__.__globals__.os.name"]),
        ("{{ 'a' if nope }}{{ [][0] }}{{ []|first }}", ["(…).0"]),
        ("{% if nope %}{% endif %}{{ nope is defined }}{{ nope|default('') }}{{ nope == known.x }}", []),
        ("{{ nope._path() }}{{ nope._within('a') }}", ["nope._path()", "nope._within()"]),
    ],
)
def test_what_is_not_there_is_nothing_and_its_name_is_noted_where_it_is_used(source: str, names: list[str]) -> None:
    assert undefined(source, known={"deep": {}}) == names


def test_a_name_that_is_not_there_renders_as_nothing() -> None:
    assert text("[{{ a.b.c }}{{ a() }}{{ a.b['c'].d() }}{% for x in a.b %}x{% endfor %}{{ a|length }}]") == "[0]"
