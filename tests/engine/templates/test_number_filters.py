"""Filters of numbers and of anything: what they give is what Jinja gives, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ -5|abs }}",
        "{{ 2.5|abs }}",
        "{{ yes|abs }}",
        "{{ nope|default('x') }}",
        "{{ nope|d('x') }}",
        "{{ nothing|default('x') }}",
        "{{ ''|default('x', true) }}",
        "{{ nope|d }}",
        "{{ 0|filesizeformat }}",
        "{{ 1|filesizeformat }}",
        "{{ 999|filesizeformat }}",
        "{{ 1000|filesizeformat }}",
        "{{ 1024|filesizeformat(true) }}",
        "{{ 1234567|filesizeformat }}",
        "{{ (10 ** 15)|filesizeformat }}",
        "{{ big|filesizeformat }}",
        "{{ big|filesizeformat(true) }}",
        "{{ '2000'|filesizeformat }}",
        "{{ -5000|filesizeformat }}",
        "{{ '1.5'|float }}",
        "{{ 'x'|float }}",
        "{{ 'x'|float(1) }}",
        "{{ 3|float }}",
        "{{ nothing|float }}",
        "{{ [1]|float(2.0) }}",
        "{{ yes|float }}",
        "{{ '1e400'|float }}",
        "{{ '15'|int }}",
        "{{ '0x1F'|int(0, 16) }}",
        "{{ '1.9'|int }}",
        "{{ 'x'|int(7) }}",
        "{{ 2.9|int }}",
        "{{ nothing|int }}",
        "{{ [1]|int }}",
        "{{ yes|int }}",
        "{{ '0b11'|int(0, 2) }}",
        "{{ ' 5 '|int }}",
        "{{ 'inf'|int(3) }}",
        "{{ 'nan'|int(3) }}",
        "{{ '1e3'|int }}",
        "{{ '5'|int(base=99) }}",
        "{{ 2.5|round }}",
        "{{ 2.567|round(2) }}",
        "{{ 2.1|round(0, 'ceil') }}",
        "{{ 2.9|round(method='floor') }}",
        "{{ 1234|round(-2) }}",
        "{{ 1234.5|round(-2, 'ceil') }}",
        "{{ yes|round }}",
        "{{ 'inf'|float|round }}",
        "{{ 'nan'|float|round }}",
        "{{ 'inf'|float|round(0) }}",
        "{{ o|tojson }}",
        "{{ [1]|tojson(2) }}",
        "{{ {}|tojson(indent=2) }}",
    ],
)
def test_filters_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ [1, 2.5, none, true, 'é\"']|tojson }}", '[1, 2.5, null, true, "é\\""]'),
        ("{{ '<a & b>'|tojson }}", '"<a & b>"'),
        ("{{ date|tojson }}", '"2016-04-07"'),
        ("{{ nope|tojson }}", "null"),
    ],
)
def test_filters_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ ('z' * 1000)|int(base=36) }}", "a text is read as a number of more than a thousand digits"),
        ("{{ 'a'|abs }}", "abs wants a number, not a text"),
        ("{{ nope|abs }}", "'nope' is undefined"),
        ("{{ big ** 1|float }}", "whole numbers beyond 64 bits cannot be computed with"),
        ("{{ 2.5|round(1, 'x') }}", "round knows the methods 'common', 'ceil' and 'floor'"),
        ("{{ 'a'|round }}", "round wants a number, not a text"),
        ("{{ 2.5|round(1.5) }}", "round wants a whole number of digits"),
        ("{{ nope|round }}", "'nope' is undefined"),
        ("{{ 'inf'|float|round(method='ceil') }}", "the number cannot be rounded"),
        ("{{ 'inf'|float|tojson }}", "a number that is infinite, or none, has no place in JSON"),
    ],
)
def test_filters_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
