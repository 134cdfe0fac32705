"""Templates of keyboards, request data and addresses whose structure is their author's: values only fill it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.engine.templates_properties import values
from tests.engine.templates_properties.choices import Choices, decisions

# A value as it is: what is written for it is the value again.
VALUES = [
    *(
        "{{ s }}",
        "{{ row.name }}",
        "{{ ys[1] }}",
        "{{ s|string }}",
        "{{ s ~ '' }}",
        "{{ missing|default(s) }}",
        "{{s}}",
    ),
    *(
        "{% if true %}{{ s }}{% endif %}",
        "{% for y in [s] %}{{ y }}{% endfor %}",
        "{% set x %}{{ s }}{% endset %}{{ x }}",
    ),
    *(
        "{{ [s, '']|join }}",
        "{% with z = s %}{{ z }}{% endwith %}",
        "{{ s if true }}",
        "{{ '%s' % s }}",
        "{{ {'a': s}.a }}",
    ),
    *("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(s) }}", "{{ ys|first }}", "{{ (s, 1)[0] }}", "{{ s|safe }}"),
]
KEYBOARDS = [
    *("@row", "[@row]", "[@row, @row]", "[@row, @row, [@button]]", "[{% for y in ys %}@button,{% endfor %}]"),
    *(
        "[{% for y in ys %}['{{ y }}', @button]{% if not loop.last %},{% endif %}{% endfor %}]",
        "{{ [s, ys] }}",
        "{{ ys|tojson }}",
    ),
    *(
        "[@row, {{ (s, 'x') }}]",
        "{{ [[s, (s, 'https://example.com/')]] }}",
        "[{{ ys|tojson }}, @row]",
        "# {{ s|length }}\n[@row]",
    ),
]
ROWS = ["[@button]", "[@button, @button]", "[@button, @button, @button]", "@button"]
BUTTONS = [
    *(
        "'@value'",
        '"@value"',
        "'a@value'",
        '"@value@value"',
        "('@value', 'data @value')",
        "('Open', 'https://example.com/@value')",
    ),
    *('("@value", "tel:@value")', "('it', \"@value\")", "'x'", "{{ (s, 'y') }}", "{{ [s] }}", "'\\'@value\\\\'"),
]
DATA = [
    *(
        '{"a": @leaf, "b": @leaf}',
        "[@leaf, @leaf]",
        '{"a": {"b": [@leaf, {"c": @leaf}]}}',
        '{"a@value": @leaf}',
        "@leaf",
    ),
    *(
        '[{% for y in ys %}@leaf{{ "," if not loop.last }}{% endfor %}]',
        '{"x": {{ ys }}, "y": @leaf}',
        '{"x": {{ row|tojson }}}',
    ),
]
DATA_LEAVES = [
    '"@value"',
    '"a @value b"',
    '"@value@value"',
    "{{ s|tojson }}",
    "{{ s }}",
    "1",
    "{{ [s] }}",
    '"\\"@value\\\\"',
    "null",
]
URLS = [
    *("https://example.com/@value", "https://example.com/a/@value/b", "https://example.com/@value/@value?x=@value"),
    *(
        "https://example.com/?a=@value&b=@value",
        "https://example.com/a?@value=1#@value",
        "https://example.com/{{ ys|join('/') }}",
    ),
    *(
        "https://example.com/x-@value/y?a={{ ys|join('&a=') }}",
        "https://example.com/@value.json",
        "{{ env.api }}/a/@value?b=@value",
    ),
]
_HOLE = re.compile("@([a-z]+)")


@dataclass(frozen=True)
class Filled:
    """A template and the one text that all its values are."""

    source: str
    value: str


def given(text: str) -> dict[str, object]:
    """Return what these templates see."""
    return {"s": text, "ys": [text, text], "row": {"name": text}, "env": {"api": "https://example.com"}}


def _made(decided: bytes, value: bytes, tables: dict[str, list[str]]) -> Filled:
    choices = Choices(decided)

    def filled(pattern: str) -> str:
        return _HOLE.sub(lambda hole: filled(choices.pick(tables[hole[1]])), pattern)

    return Filled(filled("@start"), values.hostile(Choices(value)))


def _strategy(**tables: list[str]) -> st.SearchStrategy[Filled]:
    known = {**tables, "value": VALUES}
    return st.builds(_made, decisions(60), st.binary(min_size=8, max_size=20), st.just(known))


def keyboards() -> st.SearchStrategy[Filled]:
    return _strategy(start=KEYBOARDS, row=ROWS, button=BUTTONS)


def data() -> st.SearchStrategy[Filled]:
    return _strategy(start=DATA, leaf=DATA_LEAVES)


def urls() -> st.SearchStrategy[Filled]:
    return _strategy(start=URLS)
