"""Methods of lists, objects, numbers, dates and times: those of Python, and errors are words."""

from __future__ import annotations

import pytest

from tests.engine.templates.rendering import jinja, ours, refusal


@pytest.mark.parametrize(
    "source",
    [
        "{{ [1,1,2].count(1) }}",
        "{{ [1,2].index(2) }}",
        "{{ (1,2).index(2) }}",
        "{{ [1].copy() }}",
        "{{ (1,1).count(1) }}",
        "{{ o.get('b') }}",
        "{{ o.get('z') }}",
        "{{ o.get('z', 5) }}",
        "{{ o.items()|list }}",
        "{{ o.keys()|list }}",
        "{{ o.values()|list }}",
        "{{ o.copy() }}",
        "{{ o.get(nope) }}",
        "{{ o.get(1) }}",
        "{{ {'items': 1}.items()|list }}",
        "{{ {'get': 5}.get('get') }}",
        "{{ (1.5).is_integer() }}",
        "{{ 2.0.is_integer() }}",
        "{{ date.isoformat() }}",
        "{{ date.year }}",
        "{{ date.month }}",
        "{{ date.day }}",
        "{{ date.weekday() }}",
        "{{ date.isoweekday() }}",
        "{{ date.toordinal() }}",
        "{{ date.ctime() }}",
        "{{ date.strftime('%d.%m.%y') }}",
        "{{ date.replace(day=1) }}",
        "{{ date.isocalendar()[1] }}",
        "{{ moment.isoformat() }}",
        "{{ moment.isoformat(' ') }}",
        "{{ moment.isoformat(' ', 'minutes') }}",
        "{{ moment.hour }}",
        "{{ moment.minute }}",
        "{{ moment.second }}",
        "{{ moment.microsecond }}",
        "{{ moment.date() }}",
        "{{ moment.time() }}",
        "{{ moment.timestamp() }}",
        "{{ moment.tzname() }}",
        "{{ moment.replace(hour=5) }}",
        "{{ moment.strftime('%H:%M') }}",
        "{{ moment }}",
        "{{ [moment]|first }}",
        "{{ clock.hour }}",
        "{{ clock.minute }}",
        "{{ clock.isoformat() }}",
        "{{ clock.strftime('%H') }}",
        "{{ clock.replace(hour=1) }}",
        "{{ clock.tzname() }}",
        "{{ clock }}",
    ],
)
def test_methods_give_what_jinjas_give(source: str) -> None:
    assert ours(source) == jinja(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ {'items': 1}.items }}", "1"),
        ("{{ o.update() }}", ""),
        ("{{ o.pop() }}", ""),
        ("{{ date.strftime(5) }}", "5"),
        ("{{ date.max }}", ""),
    ],
)
def test_methods_that_differ_from_jinjas_give_a_plain_value(source: str, expected: str) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ [1].index(5) }}", "index: the list does not hold this value"),
        ("{{ o.get([1]) }}", "a list cannot be a key of an object: keys are texts"),
        ("{{ (1.5).hex() }}", "a number has no method 'hex' in a template"),
        ("{{ date.replace(day=99) }}", "date.replace: day is out of range for month"),
        ("{{ date.replace(1) }}", "date.replace: it does not take these arguments"),
        ("{{ date.replace(day='x') }}", "date.replace: it does not take these values"),
        ("{{ moment.isoformat('xx') }}", "moment.isoformat: it does not take these values"),
        ("{{ moment.utcoffset() }}", "a date has no method 'utcoffset' in a template"),
    ],
)
def test_methods_say_in_words_what_they_cannot_take(source: str, message: str) -> None:
    assert refusal(source) == message
