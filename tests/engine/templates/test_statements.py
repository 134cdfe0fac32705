"""Names, blocks and conditions: scopes and output as in Jinja, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{% set x = 1 %}{% for a in nums %}{% set x = 2 %}{% endfor %}{{ x }}",
        "{% for a in nums %}{% for b in nums %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
        "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
        "{% set a, b = 'xy' %}{{ a }}{{ b }}",
        "{% set a %}x{{ 1 }}{% endset %}{{ a }}{{ a|length }}",
        "{% set a | upper %}x{% endset %}{{ a }}",
        "{% set a | replace('x', 'y') | upper %}x{% endset %}{{ a }}",
        "{% filter upper %}a{{ 'b' }}{% endfilter %}",
        "{% filter replace('a', 'b')|upper %}a{% endfilter %}",
        "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}",
        "{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a }}",
        "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
        "{% block x %}a{% endblock %}{{ self.x() }}",
        "{% set a = 1 %}{% block x %}{{ a }}{% endblock %}",
        "{% for i in nums %}{% block x scoped %}{{ i }}{% endblock %}{% endfor %}",
        "{% for i in nums %}{% block x %}{{ i }}{% endblock %}{% endfor %}",
        "{{ self.x }}",
        "{% autoescape false %}{{ '<' }}{% endautoescape %}",
        "{% raw %}{{ a }}{% endraw %}{# c #}",
        "{% if nope %}a{% elif yes %}b{% else %}c{% endif %}",
        "{% if nope %}a{% elif nope %}b{% endif %}c",
        "{% macro m() %}{{ varargs|length }}{% endmacro %}{{ m(*nope) }}{{ m(1, *nope) }}",
        "{% if nope %}{% set o = 1 %}{% endif %}{{ o.b }}",
        "{% if yes %}{% set q = 1 %}{% endif %}{{ q }}",
        "{% if nope %}{% set q = 1 %}{% endif %}{{ q }}",
        "{{ (1, 2) }}",
        "{{ (1,) }}",
        "{{ () }}",
        "{{ [1, 'a', none, true, 1.5] }}",
        "{{ {'a': (1,)} }}",
        '{{ "it\'s" }}',
        "{{ [\"it's\", 'a\"b'] }}",
        "{{ 1 if nope else 2 }}",
        "{{ (1 if nope) is defined }}",
        "{{ loop }}",
        "{% macro m() %}{{ self_is }}{% endmacro %}{% set self_is = 5 %}{{ m() }}",
        "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}",
        "{% for x in nums %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}",
        "{% set f = range %}{{ f(2)|list }}",
        "{% set f = 'a'.upper %}{{ f() }}",
        "{{ o|map('upper')|list }}",
        "{{ (nums|first) + 1 }}",
    ],
)
def test_statements_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% block x %}a{% endblock %}{{ self.y() }}", "a"),
        ("{% block x %}a{% endblock %}{{ self['x']() }}", "a"),
        ("{{ self }}", ""),
        ("{% autoescape true %}{{ '<' }}{% endautoescape %}", "<"),
        ("{{ [date] }}", "['2016-04-07']"),
        ("{{ nope() }}", ""),
        ("{{ caller() }}", ""),
    ],
)
def test_statements_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{% set a, b = 1 %}", "a number cannot be set to 2 names"),
        ("{% block x %}a{% endblock %}{{ self.x(1) }}", "a block takes no arguments"),
        ("{{ nums() }}", "nums is a list, and cannot be called"),
        ("{{ nothing() }}", "nothing is nothing, and cannot be called"),
        ("{{ 'a'() }}", "(…) is a text, and cannot be called"),
        ("{{ o.b() }}", "o.b is a number, and cannot be called"),
    ],
)
def test_statements_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
