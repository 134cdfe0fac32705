"""Filters of texts: what they give is what Jinja gives, and what they refuse is said in words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'aBC'|capitalize }}",
        "{{ 'ßa'|capitalize }}",
        "{{ 'ΑΣ'|capitalize }}",
        "{{ 'ǆa'|capitalize }}",
        "{{ ''|capitalize }}",
        "{{ 5|capitalize }}",
        "{{ 'ΑΣ'|lower }}",
        "{{ 'ß'|upper }}",
        "{{ nothing|upper }}",
        "{{ nope|upper }}",
        "{{ 'foo bar-baz(qux)'|title }}",
        '{{ "it\'s"|title }}',
        "{{ ''|title }}",
        "{{ 'a'|center }}",
        "{{ 'a'|center(4) }}",
        "{{ '<a>'|e }}",
        "{{ '<a>'|forceescape }}",
        "{{ '<a>'|e|forceescape }}",
        "{{ '%s %s'|format('a', 1) }}",
        "{{ '%(a)s'|format(a=1) }}",
        "{{ 'a\nb\n\nc'|indent }}",
        "{{ 'a\nb\n\nc'|indent(2, true, true) }}",
        "{{ ''|indent(first=true) }}",
        "{{ ''|indent }}",
        "{{ '\n'|indent }}",
        "{{ 'a\nb'|indent(yes) }}",
        "{{ nums|join }}",
        "{{ nums|join('-') }}",
        "{{ people|join(', ', attribute='in.x') }}",
        "{{ people|join(', ', 'n') }}",
        "{{ o|join }}",
        "{{ nope|join }}",
        "{{ 'abc'|join('-') }}",
        "{{ 'aab'|replace('a','x') }}",
        "{{ 'aab'|replace('a','x',1) }}",
        "{{ 'aab'|replace('','x') }}",
        "{{ 'aab'|replace('','x', 2) }}",
        "{{ 'aab'|replace('a','x', count=0) }}",
        "{{ 515|replace(5,'x') }}",
        "{{ '<b>'|safe }}",
        "{{ 5|safe }}",
        "{{ 5|string ~ 1 }}",
        "{{ '<p>a &amp;  b</p>\n x <br'|striptags }}",
        "{{ '<a<b>c'|striptags }}",
        "{{ 'a<!-- x > y -->b'|striptags }}",
        "{{ 'a<!-- x > y --b'|striptags }}",
        "{{ 'a-->b<i>c'|striptags }}",
        "{{ '<!-- -->a<!-- -->'|striptags }}",
        "{{ 'a > b < c'|striptags }}",
        "{{ '  a '|trim }}",
        "{{ 'xax'|trim('x') }}",
        "{{ 'xayx'|trim('xy') }}",
        "{{ 5|trim }}",
        "{{ long|truncate(9) }}",
        "{{ long|truncate(9, true) }}",
        "{{ long|truncate(9, false, '…') }}",
        "{{ long|truncate(16) }}",
        "{{ long|truncate(16, leeway=0) }}",
        "{{ long|truncate(3) }}",
        "{{ 'onetwothreefourfive'|truncate(9) }}",
        "{{ 'a b&c/d'|urlencode }}",
        "{{ {'a b': 'c d/', 'e': 1}|urlencode }}",
        "{{ [('a', 'b c'), ['d', 2]]|urlencode }}",
        "{{ 5|urlencode }}",
        "{{ nothing|urlencode }}",
        "{{ nope|urlencode }}",
        "{{ long|wordcount }}",
        '{{ "it\'s a"|wordcount }}',
        "{{ long|wordwrap(5) }}",
        "{{ 'abcdefgh ij'|wordwrap(3) }}",
        "{{ 'abcdefgh ij'|wordwrap(3, false) }}",
        "{{ 'ab-cdefgh ij'|wordwrap(4, break_on_hyphens=false, wrapstring='|') }}",
        "{{ 'a\nb c'|wordwrap(2) }}",
    ],
)
def test_filters_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '<a>'|escape|e }}", "&amp;lt;a&amp;gt;"),
    ],
)
def test_filters_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ '%s'|format('a', a=1) }}", "format wants values by their positions or by their names, not both"),
        ("{{ 'a\nb'|indent(1.5) }}", "indent wants a width or a text, not a number"),
        ("{{ 'aab'|replace('a','x', 'z') }}", "replace: it does not take these values"),
        ("{{ long|truncate(2) }}", "truncate wants a length of 3 at least, that of what it puts at the end"),
        ("{{ long|truncate(9, leeway=-1) }}", "truncate wants a leeway of 0 at least"),
        ("{{ ['ab', 'cd']|urlencode }}", "urlencode wants a text, an object, or a list of pairs"),
        ("{{ [1]|urlencode }}", "urlencode wants a text, an object, or a list of pairs"),
        ("{{ long|wordwrap(0) }}", "wordwrap wants a width of 1 at least"),
    ],
)
def test_filters_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
