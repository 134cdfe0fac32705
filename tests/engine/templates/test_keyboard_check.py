"""Keyboards when they are saved: what is not there yet may be anything, and a definite mistake is still refused."""

from __future__ import annotations

import pytest

from permabots.engine.templates.keyboards import check_keyboard
from permabots.exceptions import KeyboardError, TemplateError

WHOLE = [
    "{{ response.data|tojson }}",
    "{{ [response.data.name]|tojson }}",
    "{{ [[response.data.name, 'x']]|tojson }}",
    "{{ [response.data.name] }}",
    "{{ [('a', response.x)] }}",
    "{{ (response.a, 'x') }}",
    "{{ {'a': [response.x]} }}",
    "{{ response.a|tojson|replace('a', 'b') }}",
    "{{ response.data|map(attribute='name')|list|tojson }}",
    "{{ [response.data|map(attribute='name')|list] }}",
    "{{ response.data|batch(2)|list|tojson }}",
    "{{ response.n|string }}",
    "{{ message }}",
    "[{{ response.a }}, {{ response.b }}]",
    "{{ response.a if response.b else [] }}",
]

LOOPS = [
    "[{% for r in response.data %}'{{ r.name }}',{% endfor %}]",
    "[{% for r in response.data if r.open %}('{{ r.name }}', '{{ r.id }}'),{% else %}'none'{% endfor %}]",
    "[{% for a, b in response.data %}('{{ a }}', '{{ b }}'),{% endfor %}]",
    "[{% for a, b in response.data.items() %}'{{ a }}',{% endfor %}]",
    "[{% for a, b in response.data|dictsort %}'{{ a }}',{% endfor %}]",
    "[{% for i in range(response.data.n) %}'{{ i }}',{% endfor %}]",
    "[{% for i in range(1, response.data.n + 1) %}'{{ i }}',{% endfor %}]",
    "[{% for r in ['a', 'b']|batch(response.n) %}['x'],{% endfor %}]",
    "[{% for r in response.data %}{{ r.n }} {{ r.m }}{% endfor %}]",
    "[{% for i in response.x recursive %}'{{ loop(i.y) }}',{% endfor %}]",
    "['a'{% for r in response.data %},'b'{% endfor %}]",
    "{% for x in response.data if x.y %}menu{% endfor %}",
]

CONDITIONS = [
    "{% if response.a %}[['a']]{% endif %}",
    "{% if response.a %}menu{% endif %}",
    "{% if response.a == 5 %}menu{% else %}[['a']]{% endif %}",
    "{% if response.a is defined and response.a > 5 %}menu{% else %}[['a']]{% endif %}",
    "{% if response.a is even %}menu{% endif %}",
    "{% if 5 in response.a %}menu{% endif %}",
    "{% if not response.a %}menu{% endif %}",
    "{% if response.a is undefined %}menu{% endif %}",
    "{% if 1 < response.a < 5 %}menu{% endif %}",
    "{% if response.a in 'abc' or 'a' not in response.b %}menu{% endif %}",
]

EXPRESSIONS = [
    '{"a": "b"}.get(pattern.w)',
    '{"a": "b"}[pattern.w]',
    '{"a": "b"}.get("a", pattern.w)',
    '"abc".startswith(pattern.x)',
    '"abc".replace(pattern.x, "a")',
    '"abc".center(width=response.n)',
    '"abc"|truncate(response.n)',
    '"abc"|replace(response.n, "x")',
    '"abc"|truncate(length=response.n)',
    "[response.a, response.b]|max",
    "[5, response.b]|min",
    "[response.a, 5]|sort|first",
    "[response.a, 5]|sum",
    '"%d" % response.n',
    '"%5d" % (response.n,)',
    '"{:.2f}".format(response.n)',
    '"{:.2f} {}"|format(response.n)',
    '"abc"[response.n]',
    '"abc"[response.n:]',
    "[1, 2][:response.n]|first",
    "5 is divisibleby response.n",
    "-response.n",
    "+response.n",
    "2 ** response.n",
    "2 / response.n",
    '"a" * response.n',
    '[response.a]|map("round")|join',
    '[response.a]|map("default", "x")|join',
    '[response.a]|select("odd")|list',
    '[response.a]|select("defined")|list',
    "[response.a]|reject|list",
    '[response.a]|groupby("x")|list',
    "[response.a]|unique|list",
    '[response]|selectattr("x", "gt", 5)|list',
    "dict(response.x).a",
    "dict(**response.x).a",
    "cycler(*response.x).next()",
    '"-".join([response.x])',
    "response.x.y.z()[5].q|upper|length",
    'response.date.strftime("%H")',
    "5|round(response.n)",
    "response.a|default('x')",
    "namespace(a=response.x).a",
]


@pytest.mark.parametrize(
    "source", [*WHOLE, *LOOPS, *CONDITIONS, *(f"[['{{{{ {expression} }}}}']]" for expression in EXPRESSIONS)]
)
def test_what_depends_on_what_is_not_there_yet_is_taken(source: str) -> None:
    check_keyboard(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% set a, b = response.data %}[['{{ a }}', '{{ b }}']]",
        "{% set ns = namespace(a=response.x) %}[['{{ ns.a }}']]",
        "{% macro m(a) %}'{{ a }}'{% endmacro %}[{{ m(response.x) }}]",
        "{% macro m(a) %}{{ a }}{% endmacro %}[{{ m(response.x) }}]",
        "[['{% now 'utc', response.f %}', '{% now response.z %}', '{% now 'utc' + response.s %}']]",
        "{{ service }}{{ data }}{{ env.x }}{{ state_context.a.response.b }}",
    ],
)
def test_what_a_statement_makes_of_it_is_taken_too(source: str) -> None:
    check_keyboard(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[('{{ response.a }}',)]", "has 1 parts, not a label and a target"),
        ("[['{{ response.a }}', None]]", "None is no text"),
        ("menu", "unexpected 'menu"),
        ("['{{ response.a }}'", "was never closed"),
        ("[{% for x in [] %}{% else %}menu{% endfor %}]", "unexpected 'menu"),
        ("[{% for x in response.data %}('a',),{% else %}menu{% endfor %}]", "unexpected 'menu"),
        ("{{ {'a': 1} }}", "{'a': 1} is no text"),
        ("{{ {}|tojson }}", "{} is no text"),
        ("{{ none }}", "None is no text"),
    ],
)
def test_what_can_never_be_a_keyboard_is_refused(source: str, message: str) -> None:
    with pytest.raises(KeyboardError) as caught:
        check_keyboard(source)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[['{{ 1 / 0 }}']]", "division by zero"),
        ("[['{{ response.a }}{{ 'a' - 1 }}']]", "- cannot take a text and a number"),
        ("[['{{ range('a') }}']]", "range wants whole numbers"),
        ("['{% if x %}'{% endif %}]", "each branch must close what it opens"),
        ("['\\{{ response.a }}']", "a value cannot stand directly behind a backslash"),
        ("[['{{ response.a }}]]", "a quote is not closed"),
    ],
)
def test_what_fails_whatever_is_filled_in_is_refused(source: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        check_keyboard(source)
    assert message in caught.value.message
