"""Formats by percent signs and by braces: as in Jinja for what they can be given, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ '%s %d %5.1f %% %x %o %e %c %r %a %i %u %g' % ('a', 1, 2.25, 255, 8, 1.5, 65, 'b', 'é', 2.9, 3, 0.1) }}",
        "{{ '%c' % 'a' }}",
        "{{ '%-5s|%5s|%.2s' % ('a', 'b', 'cde') }}",
        "{{ '%+d % d %05d %#x' % (1, 2, 3, 255) }}",
        "{{ '%(a)s %(b)s' % {'a': 1, 'b': [2]} }}",
        "{{ '%s' % {'a': 1} }}",
        "{{ 'x' % {'a': 1} }}",
        "{{ 'x' % () }}",
        "{{ '%s' % [1, 2] }}",
        "{{ '%s' % nope }}",
        "{{ '%s' % ((1, 2),) }}",
        "{{ '{} {}'.format(1, 'a') }}",
        "{{ '{0}{1}{0}'.format('a', 'b') }}",
        "{{ '{:>5}|{:<5}|{:^5}|{:*^5}|{:05d}|{:.2f}|{:,}|{:+}|{:x}|{:%}|{:e}'.format('a', 'b', 'c', 'd', 5,"
        " 2.345, 12345, 1, 255, 0.5, 1.5) }}",
        "{{ '{!r} {!s} {!a} {!r:>6}'.format('é', 'b', 'é', 'c') }}",
        "{{ '{{}}'.format() }}",
        "{{ '{:{}}'.format('a', 5) }}",
        "{{ '{:{w}.{p}f}'.format(2.345, w=8, p=1) }}",
        "{{ '{0[b]}'.format(o) }}",
        "{{ '{b}'.format_map(o) }}",
        "{{ '{:%Y}'.format(date) }}",
    ],
)
def test_formats_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '%5%' % () }}", "%"),
        ("{{ '{a}{b[0]}{c.x}'.format(a=1, b=[2], c={'x': 3}) }}", "123"),
        ("{{ '{0[a]}'.format(o) }}", ""),
        ("{{ '{!z}'.format(1) }}", "1"),
        ("{{ '{0.zz}'.format(o) }}", ""),
        ("{{ '{0}{}'.format(1, 2) }}", "11"),
        ("{{ '{}{0}'.format(1, 2) }}", "11"),
    ],
)
def test_formats_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ '%3' ~ '%' }}{{ date.strftime('a%') }}", "'%' is no part of a date's format"),
        ("{{ date.strftime('%5d') }}", "'%5d' is no part of a date's format"),
        ("{{ '{:>>>>}'.format(1) }}", "'>>>>' is no form of a value"),
        ("{{ '%c' % 'ab' }}", "%c wants a number, not a text"),
        ("{{ 'x' % 1 }}", "a format has fewer places than there are values"),
        ("{{ 'x' % [1] }}", "a format has fewer places than there are values"),
        ("{{ '%s %s' % 'a' }}", "a format has more places than there are values"),
        ("{{ '%y' % 1 }}", "a format cannot be used with this value"),
        ("{{ '%(a)s' % [1] }}", "a format with names wants an object"),
        ("{{ '%(z)s' % {'a': 1} }}", "a format names 'z', which is not there"),
        ("{{ '%d' % 'x' }}", "%d wants a number, not a text"),
        ("{{ '%d' % nothing }}", "%d wants a number, not nothing"),
        ("{{ '%' % 1 }}", "'%' is no format: a percent sign is written %%"),
        ("{{ '%*d' % (5, 1) }}", "'%*d' is no format: a percent sign is written %%"),
        ("{{ '%ld' % 1 }}", "a format cannot be used with this value"),
        ("{{ '%x' % 1.5 }}", "a format cannot be used with this value"),
        ("{{ '%d' % nope }}", "%d wants a number, not an undefined value"),
        ("{{ '{'.format(1) }}", "a format cannot be used with this value"),
        ("{{ '}'.format(1) }}", "a format cannot be used with this value"),
        ("{{ '{} {}'.format(1) }}", "a format has more places than there are values"),
        ("{{ '{5}'.format(1) }}", "a format has more places than there are values"),
        ("{{ '{a}'.format(1) }}", "a format names 'a', which was not given"),
        ("{{ '{a..b}'.format(a=1) }}", "'a..b' is no place of a format"),
        ("{{ '{a[}'.format(a=1) }}", "a format cannot be used with this value"),
        ("{{ '{:d}'.format('a') }}", "a format cannot be used with this value"),
        ("{{ '{:s}'.format(1) }}", "a format cannot be used with this value"),
        ("{{ '{:>5}'.format([1]) }}", "a list has no forms"),
        ("{{ '{:q}'.format(1) }}", "a format cannot be used with this value"),
        ("{{ '{:>}'.format(nothing) }}", "nothing has no forms"),
        ("{{ '{:5}'.format(nope) }}", "an undefined value has no forms"),
        ("{{ '{a}'.format_map(5) }}", "a format names 'a', which was not given"),
    ],
)
def test_formats_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
