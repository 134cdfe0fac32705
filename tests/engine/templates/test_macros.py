"""Macros and arguments: bound as in Jinja, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}"
        "{{ m(1, 3) }}{{ m(1, 2, 3, 4) }}{{ m(1, z=5) }}{{ m(b=1, a=2) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}|{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}"
        "{{ m.catch_varargs }}{{ m.caller }}",
        "{% macro m(a) %}{{ caller(a) }}{% endmacro %}{% call(x) m('q') %}[{{ x }}]{% endcall %}",
        "{% macro m(a) %}{{ caller() if caller }}{% endmacro %}{{ m(1) }}|{% call m(1) %}z{% endcall %}",
        "{% macro m(a, caller=none) %}{{ a }}{{ caller }}{% endmacro %}{{ m(1) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}",
        "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, *[2, 3], x=1, **{'y': 2}) }}",
        "{% set x = 0 %}{% block b scoped %}{% macro see() %}{{ x }}{% endmacro %}{{ see() }}"
        "{% set x = 4 %}{{ see() }}{% endblock %}",
        "{% set x = 0 %}{% block b scoped %}{{ x }}{% macro see() %}{{ x }}{% endmacro %}{{ see() }}"
        "{% set x = 4 %}{{ see() }}{% endblock %}",
        "{% set x = 0 %}{% block b scoped %}{% macro see() %}{{ x }}{% endmacro %}{{ see() }}"
        "{% set x = x + 4 %}{{ see() }}{% endblock %}",
        "{% set x = 0 %}{% block b scoped %}{% macro see() %}{{ x }}{% endmacro %}{{ see() }}"
        "{% if 1 %}{% set x = 4 %}{% endif %}{{ see() }}{% endblock %}",
        "{% set x = 0 %}{% block b scoped %}{% macro see() %}{{ x }}{% endmacro %}{{ see() }}"
        "{% set x %}4{% endset %}{{ see() }}{% endblock %}",
        "{{ dict(a=1, **{'b': 2}) }}",
        "{{ 'aab'|replace(*['a', 'b']) }}",
        "{{ 3 is divisibleby(*[3]) }}",
    ],
)
def test_macros_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{% macro m(caller) %}{% endmacro %}", '"caller" argument must be omitted or be given a default'),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "macro 'm' takes not more than 1 argument(s)"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}", "macro 'm' takes no keyword argument 'b'"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}", "macro 'm' takes no keyword argument 'a'"),
        (
            "{% macro m(a) %}{{ a }}{% endmacro %}{% call m(1) %}z{% endcall %}",
            "macro 'm' takes no keyword argument 'caller'",
        ),
        ("{{ 'a'.upper(*5) }}", "* wants a list of arguments, ** an object"),
        ("{{ dict(**5) }}", "* wants a list of arguments, ** an object"),
        ("{{ dict(*5) }}", "* wants a list of arguments, ** an object"),
    ],
)
def test_macros_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
