"""The tests of templates, as in ``x is odd``: they say what Jinja says, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ 1 is boolean }}",
        "{{ yes is boolean }}",
        "{{ range is callable }}",
        "{{ 'a'.upper is callable }}",
        "{{ 1 is callable }}",
        "{{ nope is defined }}",
        "{{ yes is defined }}",
        "{{ nothing is defined }}",
        "{{ o.zz is defined }}",
        "{{ 6 is divisibleby 3 }}",
        "{{ 7 is divisibleby(3) }}",
        "{{ 6 is divisibleby 1.5 }}",
        "{{ 1 is eq 1 }}",
        "{{ 1 is equalto 1.0 }}",
        "{{ 'a' is eq 'b' }}",
        "{{ 1 is ne 2 }}",
        "{{ [1] is eq [1] }}",
        "{{ nope is eq nothing }}",
        "{{ nope is eq nope2 }}",
        "{{ '<' is escaped }}",
        "{{ 2 is even }}",
        "{{ 3 is even }}",
        "{{ 2.0 is even }}",
        "{{ yes is even }}",
        "{{ 2 is odd }}",
        "{{ 3 is odd }}",
        "{{ 3.0 is odd }}",
        "{{ false is false }}",
        "{{ 0 is false }}",
        "{{ true is true }}",
        "{{ 1 is true }}",
        "{{ 'upper' is filter }}",
        "{{ 'nofilter' is filter }}",
        "{{ 5 is filter }}",
        "{{ nothing is filter }}",
        "{{ 'odd' is test }}",
        "{{ 'notest' is test }}",
        "{{ 1.5 is float }}",
        "{{ 1 is float }}",
        "{{ 2 is gt 1 }}",
        "{{ 2 is greaterthan 3 }}",
        "{{ 2 is ge 2 }}",
        "{{ 1 is lt 2 }}",
        "{{ 1 is lessthan 1 }}",
        "{{ 1 is le 1 }}",
        "{{ 'a' is lt 'b' }}",
        "{{ 1 is in [1,2] }}",
        "{{ 'a' is in 'abc' }}",
        "{{ 'b' is in o }}",
        "{{ 1 is integer }}",
        "{{ yes is integer }}",
        "{{ 1.0 is integer }}",
        "{{ 'a' is iterable }}",
        "{{ nums is iterable }}",
        "{{ o is iterable }}",
        "{{ 5 is iterable }}",
        "{{ nope is iterable }}",
        "{{ nothing is iterable }}",
        "{{ 'a' is lower }}",
        "{{ 'A' is lower }}",
        "{{ 'A' is upper }}",
        "{{ 5 is upper }}",
        "{{ yes is lower }}",
        "{{ nope is lower }}",
        "{{ nothing is lower }}",
        "{{ o is mapping }}",
        "{{ nums is mapping }}",
        "{{ nothing is none }}",
        "{{ nope is none }}",
        "{{ 0 is none }}",
        "{{ 1 is number }}",
        "{{ yes is number }}",
        "{{ 1.5 is number }}",
        "{{ '1' is number }}",
        "{{ 1 is sameas 1 }}",
        "{{ true is sameas yes }}",
        "{{ 1 is sameas true }}",
        "{{ o is sameas o }}",
        "{{ none is sameas nothing }}",
        "{{ [] is sameas [] }}",
        "{{ nums is sequence }}",
        "{{ 'a' is sequence }}",
        "{{ o is sequence }}",
        "{{ 5 is sequence }}",
        "{{ nothing is sequence }}",
        "{{ 'a' is string }}",
        "{{ 1 is string }}",
        "{{ nope is undefined }}",
        "{{ yes is undefined }}",
        "{{ 1 is not odd }}",
    ],
)
def test_tests_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ nope is callable }}", "False"),
        ("{{ '<'|e is escaped }}", "False"),
        ("{{ '<'|safe is escaped }}", "False"),
        ("{{ [] is filter }}", "False"),
        ("{{ ['a'] is lower }}", "False"),
        ("{{ nope is sequence }}", "False"),
    ],
)
def test_tests_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ 6 is divisibleby 0 }}", "division by zero"),
        ("{{ 'a' is divisibleby 2 }}", "this test wants a number, not a text"),
        ("{{ 6 is divisibleby 'a' }}", "this test wants a number, not a text"),
        ("{{ 'a' is even }}", "this test wants a number, not a text"),
        ("{{ nope is odd }}", "'nope' is undefined"),
        ("{{ nothing is even }}", "this test wants a number, not nothing"),
        ("{{ 1 is lt 'a' }}", "< cannot take a number and a text"),
        ("{{ 3 is in (1,2) }}", "is in: it does not take these arguments"),
        ("{{ 1 is in 5 }}", "a number can hold nothing: in wants a list, an object or a text"),
        ("{{ [] is odd }}", "this test wants a number, not a list"),
        ("{{ 3 is divisibleby }}", "is divisibleby: it does not take these arguments"),
    ],
)
def test_tests_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
