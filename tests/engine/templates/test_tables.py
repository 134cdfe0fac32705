"""Filters, methods and operators: what they give is what Jinja and Python give, within bounds."""

from __future__ import annotations

from datetime import datetime

import pytest

from permabots.engine.templates.tables.filters import FILTERS
from permabots.exceptions import TemplateError
from tests.engine.templates.rendering import data, keyboard_source, parameter, text, url

DATE = datetime.fromisoformat("2016-04-07T03:33:20")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 'abc'|batch(2, '-')|list }}", "[['a', 'b'], ['c', '-']]"),
        ("{{ 'abc'|batch(2)|list }}", "[['a', 'b'], ['c']]"),
        ("{{ 'abcd'|slice(2)|list }}", "[['a', 'b'], ['c', 'd']]"),
        ("{{ 'a'|center(3) }}|{{ 5|center(3) }}", " a | 5 "),
        ("{{ 'x'|float }} {{ '1.5'|float }} {{ nope|float(2.5) }}", "0.0 1.5 2.5"),
        ("{{ 'x'|int }} {{ '15'|int }} {{ '0x1f'|int(base=16) }} {{ nope|int(3) }} {{ 2.7|int }}", "0 15 31 3 2"),
        ("{{ 'a\nb'|indent(2) }}|{{ 'a\nb'|indent('--', true) }}", "a\n  b|--a\n--b"),
        ("{{ [1, 2]|join }} {{ [{'a': 1}, {'a': 2}]|join('-', attribute='a') }}", "12 1-2"),
        ("{{ 'abab'|replace('a', 'x', 1) }} {{ 5|replace(5, 6) }}", "xbab 6"),
        ("{{ 2.567|round(2) }} {{ 25|round(-1) }} {{ 2.1|round(method='ceil') }}", "2.57 20 3.0"),
        ("{{ 2048|filesizeformat(true) }} {{ 3e6|filesizeformat }} {{ 5|filesizeformat }}", "2.0 KiB 3.0 MB 5 Bytes"),
        ("{{ 5|string ~ 'a' }}", "5a"),
        ("{{ '<p>a &amp;\n b</p> < c'|striptags }}", "a &amp; b &lt; c"),
        ("{{ [1, 2, 3]|sum }} {{ [{'a': 1}]|sum('a', 5) }} {{ [[1], [2]]|sum(start=[]) }}", "6 6 [1, 2]"),
        (
            "{{ {'b': 1, 'a': ['é']}|tojson }} {{ {'a': 1}|tojson(1) }} {{ now|tojson }}",
            '{"a": ["é"], "b": 1} {\n "a": 1\n} null',
        ),
        ("{{ '\ud83d'|tojson }} {{ [1]|tojson is string }}", '"\\ud83d" True'),
        (
            "{{ 'a b'|urlencode }} {{ 'a&b'|capitalize }} {{ 'a'|upper }}{{ 'B'|lower }} {{ ' a '|trim }}",
            "a%20b A&b Ab a",
        ),
        (
            "{{ 'one two three'|truncate(9, leeway=0) }} {{ 'one two'|wordcount }} {{ 1000|filesizeformat }}",
            "one... 2 1.0 kB",
        ),
        (
            "{{ [3, 1, 2]|sort|list }}{{ [1, 2]|reverse|list }}{{ 'ab'|reverse }}{{ [1, 1]|unique|list }}",
            "[1, 2, 3][2, 1]ba[1]",
        ),
        ("{{ [1, 2]|select('odd')|list }}{{ [{'a': 1}]|selectattr('a', 'equalto', 1)|list }}", "[1][{'a': 1}]"),
        ("{{ {'b': 1, 'a': 2}|dictsort }}{{ {'a': 1}|items|list }}", "[('a', 2), ('b', 1)][('a', 1)]"),
        ("{% for k, v in [{'a': 1, 'b': 2}]|groupby('a') %}{{ k }}{{ v }}{% endfor %}", "1[{'a': 1, 'b': 2}]"),
        (
            "{{ [1, 2]|first }}{{ [1, 2]|last }}{{ [1, 2]|max }}{{ [1, 2]|min }}{{ [1]|random }}{{ -1|abs }}",
            "122111",
        ),
        ("{{ 'ab'|map('upper')|first }}{% if [1]|map('string') %}!{% endif %}", "A!"),
    ],
)
def test_filters(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 'a'.center(3) }}{{ 'a'.ljust(2, '.') }}{{ 'a'.rjust(2) }}{{ '5'.zfill(3) }}", " a a. a005"),
        ("{{ 'a\tb'.expandtabs(2) }}{{ 'a\tb'.expandtabs() }}", "a ba       b"),
        ("{{ '-'.join(['a', 'b']) }}{{ 'aa'.replace('a', 'b', 1) }}", "a-bba"),
        ("{{ '{} {}'.format(1, 'a') }}{{ '{1}{0!r}{a:>3}'.format(1, 'b', a='c') }}", "1 ab1  c"),
        ("{{ '{a[b]}{a[c]}'.format_map({'a': {'b': 1}}) }}", "1"),
        ("{{ '{0.__class__}'.format(1) }}", ""),
        (
            "{{ 'aB'.swapcase() }}{{ 'a,b'.split(',') }}{{ ' a'.strip() }}{{ 'ab'.startswith('a') }}",
            "Ab['a', 'b']aTrue",
        ),
        ("{{ [1, 1].count(1) }}{{ (1, 2).index(2) }}{{ {'a': 1}.get('a') }}{{ {'a': 1}.copy() }}", "211{'a': 1}"),
        ("{{ (1.0).is_integer() }}", "True"),
        (
            "{{ date.strftime('<b>%d</b>') }} {{ date.year }} {{ date.time().strftime('%H:%M') }}",
            "<b>07</b> 2016 03:33",
        ),
        ("{{ '{:%H}'.format(date) }} {{ date.isoformat() }}", "03 2016-04-07T03:33:20"),
    ],
)
def test_methods(source: str, expected: str) -> None:
    assert text(source, date=DATE) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '%s-%d-%5.1f-%%' % ('a', 2, 1.25) }}", "a-2-  1.2-%"),
        ("{{ '%(a)s %(b)03d' % {'a': 'x', 'b': 5} }}", "x 005"),
        ("{{ '%s' % 5 }}{{ '%r' % 'a' }}{{ '%s'|format('a') }}{{ '%(a)s'|format(a=1) }}", "5'a'a1"),
        ("{{ 2 * 'ab' }}{{ [1] * 2 }}{{ 2 * 3 }}{{ 2 ** -1 }}{{ 2.0 ** 3 }}", "abab[1, 1]60.58.0"),
        ("{{ [1] + [2] }}{{ 5 % 3 }}{{ 1.5 * 2 }}", "[1, 2]23.0"),
    ],
)
def test_operators(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ '%s %s' % ('a',) }}",
        "{{ '%s' % ('a', 'b') }}",
        "{{ '%' % () }}",
        "{{ '%*d' % (1, 2) }}",
        "{{ '%d' % 'a' }}",
        "{{ '%(a)s' % 'a' }}",
        "{{ '%(a)s' % {} }}",
        "{{ '{'.format(1) }}",
        "{{ '{}'.format() }}",
        "{{ dict|tojson }}",
        "{{ 'abc'|truncate(1) }}",
        "{{ 'a' - 1 }}",
        "{{ [2, 'a']|sort }}",
        "{{ {[1]: 2} }}",
        "{{ date.strptime('1', '%d') }}",
    ],
)
def test_a_wrong_use_is_an_error(source: str) -> None:
    with pytest.raises(TemplateError):
        text(source, date=DATE)


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"safe"}))
@pytest.mark.parametrize(
    "use", ["{{ x|%s }}", "{{ x|%s(x) }}", "{{ x|%s('a', x) }}", "{%% filter %s %%}{{ x }}{%% endfilter %%}"]
)
def test_no_filter_lets_a_value_make_a_tag(name: str, use: str) -> None:
    try:
        shown = text(use % name, x="<b>&lt;b&gt;</b>")
    except TemplateError:
        shown = ""  # it wants other arguments
    assert "<" not in shown


def test_json_is_whole_in_data_and_keyboards_and_a_value_elsewhere() -> None:
    value = {"a": ["ü'\"", None]}
    assert data('{"x": {{ v|tojson }}}', v=value) == {"x": value}
    assert keyboard_source("{{ v|tojson }}", v=value) == '{"a": ["ü\'\\"", null]}'
    assert parameter("{{ v|tojson }}", v=value) == '{"a": ["ü\'\\"", null]}'
    assert url("x{{ [1]|tojson }}") == "x%5B1%5D"


def test_what_is_joined_in_a_keyboard_is_escaped_beside_the_authors_separator() -> None:
    assert keyboard_source("""['{{ names|join("','") }}']""", names=["a'", "b"]) == r"['a\x27','b']"
