"""Methods of texts: those of Python, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ long.split() }}",
        "{{ long.rsplit(' ', 1) }}",
        "{{ long.splitlines() }}",
        "{{ 'abcabc'.count('b') }}",
        "{{ 'abc'.count('') }}",
        "{{ 'abc'.endswith('c') }}",
        "{{ 'abc'.endswith(('x', 'c')) }}",
        "{{ 'abc'.find('c') }}",
        "{{ 'abc'.find('z', 1, 2) }}",
        "{{ 'abc'.index('b') }}",
        "{{ 'abcb'.rfind('b') }}",
        "{{ 'abcb'.rindex('b') }}",
        "{{ 'abc'.startswith('a') }}",
        "{{ 'abc'.startswith('b', 1) }}",
        "{{ 'a1'.isalnum() }}",
        "{{ 'a'.isalpha() }}",
        "{{ 'a'.isascii() }}",
        "{{ '1'.isdecimal() }}",
        "{{ '1'.isdigit() }}",
        "{{ 'a b'.isidentifier() }}",
        "{{ 'a'.islower() }}",
        "{{ '½'.isnumeric() }}",
        "{{ 'a'.isprintable() }}",
        "{{ ' '.isspace() }}",
        "{{ 'Ab'.istitle() }}",
        "{{ 'A'.isupper() }}",
        "{{ 'aB'.lower() }}",
        "{{ 'aB'.upper() }}",
        "{{ 'aB'.swapcase() }}",
        "{{ 'ß'.casefold() }}",
        "{{ 'aB'.capitalize() }}",
        '{{ "it\'s a".title() }}',
        "{{ 'ßa'.capitalize() }}",
        "{{ 'a-b-c'.partition('-') }}",
        "{{ 'a-b-c'.rpartition('-') }}",
        "{{ 'a'.partition('-') }}",
        "{{ 'a'.center(5) }}| {{ 'a'.center(5, '*') }}",
        "{{ 'a'.ljust(3) }}| {{ 'a'.rjust(3, '.') }}",
        "{{ 'abc'.center(1) }}",
        "{{ 'a'.center(-5) }}",
        "{{ 'a b  c'.split() }}",
        "{{ 'a,b,c'.split(',') }}",
        "{{ 'a,b,c'.split(',', 1) }}",
        "{{ 'a,b,c'.rsplit(',', 1) }}",
        "{{ 'a b c'.split(none, 1) }}",
        "{{ 'a,b'.split(sep=',', maxsplit=1) }}",
        "{{ ''.split() }}",
        "{{ ''.split(',') }}",
        "{{ 'a,b'.split(',', 0) }}",
        "{{ ' a '.strip() }}",
        "{{ ' a '.lstrip() }}",
        "{{ ' a '.rstrip() }}",
        "{{ 'xax'.strip('x') }}",
        "{{ '   '.strip() }}",
        "{{ 'xyx'.rstrip('x') }}",
        "{{ 'abc'.removeprefix('a') }}",
        "{{ 'abc'.removesuffix('c') }}",
        "{{ 'abc'.removesuffix('x') }}",
        "{{ 'abc'.removeprefix('abc') }}",
        "{{ 'a\tb'.expandtabs(4) }}",
        "{{ 'a\tb'.expandtabs() }}",
        "{{ 'a\tb'.expandtabs(-1) }}",
        "{{ '-'.join(['a', 'b']) }}",
        "{{ ''.join('abc') }}",
        "{{ '-'.join(o) }}",
        "{{ 'aab'.replace('a', 'x') }}",
        "{{ 'aab'.replace('a', 'x', 1) }}",
        "{{ 'aab'.replace('', '-') }}",
        "{{ 'a\nb\r\nc'.splitlines() }}",
        "{{ 'a\nb'.splitlines(true) }}",
        "{{ ''.splitlines() }}",
        "{{ 'a\n'.splitlines(keepends=true) }}",
        "{{ '-5'.zfill(5) }}",
        "{{ 'abc'.zfill(2) }}",
    ],
)
def test_methods_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '-'.join([1, 2]) }}", "1-2"),
        ("{{ 'aab'.replace('a', 5) }}", "55b"),
    ],
)
def test_methods_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ 'abc'.index('z') }}", "(…).index: substring not found"),
        ("{{ 'abc'.count(5) }}", "(…).count: it does not take these values"),
        ("{{ 'abc'.startswith(5) }}", "(…).startswith: it does not take these values"),
        ("{{ 'abc'.startswith(nope) }}", "an undefined value is no argument of a text's method"),
        ("{{ 'a'.partition('') }}", "(…).partition: empty separator"),
        ("{{ 'a'.partition(5) }}", "a text is wanted, not a number"),
        ("{{ 'a'.center(5, '') }}", "center wants a width, and one character to fill with"),
        ("{{ 'a'.center('x') }}", "center wants a width, and one character to fill with"),
        ("{{ 'a'.split('') }}", "split wants a separator that is not empty"),
        ("{{ 'a'.split(5) }}", "a text is wanted, not a number"),
        ("{{ 'a'.strip(5) }}", "a text is wanted, not a number"),
        ("{{ 'abc'.removeprefix(5) }}", "a text is wanted, not a number"),
        ("{{ '-'.join(5) }}", "a number cannot be walked through"),
        ("{{ 'aab'.replace(5, 'a') }}", "a text is wanted, not a number"),
        ("{{ 'aab'.replace('a', 'b', 'c') }}", "(…).replace: it does not take these values"),
        ("{{ '5'.zfill('a') }}", "(…).zfill: it does not take these values"),
        ("{{ 'a'.upper(1) }}", "(…).upper: it does not take these arguments"),
        ("{{ 'a'.nomethod() }}", "a text has no method 'nomethod' in a template"),
    ],
)
def test_methods_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
