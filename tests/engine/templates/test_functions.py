"""Functions that templates call by name: those of Jinja, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{% set c = cycler('a', 'b') %}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.next() }}"
        "{% set x = c.reset() %}{{ c.current }}",
        "{% set j = joiner() %}{{ j() }}{{ j() }}{{ j() }}",
        "{% set j = joiner('|') %}{{ j() }}{{ j() }}",
        "{{ dict(a=1) }}",
        "{{ dict({'a': 1}, b=2) }}",
        "{{ dict([('a', 1), ['b', 2]]) }}",
        "{{ dict() }}",
        "{{ range(3)|list }}",
        "{{ range(1, 3)|list }}",
        "{{ range(5, 0, -2)|list }}",
        "{{ range(0)|list }}",
        "{{ range(yes)|list }}",
        "{% set ns = namespace(a=1) %}{% set ns.b = 2 %}{{ ns.a }}{{ ns.b }}{{ ns.c }}",
        "{% set ns = namespace({'a': 1}) %}{{ ns.a }}{{ ns['a'] }}",
    ],
)
def test_functions_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ dict(nope) }}", "{}"),
        ("{{ range(1, none) }}", "[0]"),
    ],
)
def test_functions_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ dict(5) }}", "dict wants an object, or a list of pairs"),
        ("{{ dict([1]) }}", "dict wants an object, or a list of pairs"),
        ("{{ dict([(1,2,3)]) }}", "dict wants an object, or a list of pairs"),
        ("{{ range(1, 2, 0) }}", "the step of a range cannot be 0"),
        ("{{ range('a') }}", "range wants whole numbers"),
        ("{{ range(1.5) }}", "range wants whole numbers"),
        ("{% set x = 1 %}{% set x.a = 2 %}", "x is no namespace, so x.a cannot be set"),
    ],
)
def test_functions_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
