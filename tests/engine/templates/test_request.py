"""Templates of a request: its URL, its parameters, its data."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permabots.engine.templates import check_data, check_parameter, check_url
from permabots.exceptions import TemplateError
from permabots.values import Json
from tests.engine.templates.rendering import data, parameter, url

ENV = {"base": "http://x/y?a=1&b=", "quote": '"k": "v"'}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://x/{{ v }}", "http://x/a%20b%2Fc%3F%26%C3%BC"),
        ("  {{ env.base }}{{ v }}\n", "http://x/y?a=1&b=a%20b%2Fc%3F%26%C3%BC"),
        ("{{ start }}{{ start }}", "http://z/?q=http%3A%2F%2Fz%2F%3Fq%3D"),
        ("\n {{ start ~ 'a/' ~ v }}", "http://z/?q=a/a%20b%2Fc%3F%26%C3%BC"),
        ("{{ start + v }}", "http://z/?q=a%20b%2Fc%3F%26%C3%BC"),
        ("{{ start if v else v }}{{ v if not v }}", "http://z/?q="),
        ("{{ v if not v else start }}", "http://z/?q="),
        ("{{ (start if v) ~ 'a' }}", "http://z/?q=a"),
        (
            "{% if no %}{{ v }}{% elif v %}{{ start }}{% else %}{{ v }}{% endif %}{{ start }}",
            "http://z/?q=http%3A%2F%2Fz%2F%3Fq%3D",
        ),
        ("{% if no %}http://x{% else %}{{ start }}{% endif %}", "http://z/?q="),
        (
            "{% set a = v %}{% set b %}{{ v }}{% endset %}{% macro m() %}{{ v }}{% endmacro %}{{ start }}{{ b }}",
            "http://z/?q=a%20b%2Fc%3F%26%C3%BC",
        ),
        ("{% for a in [start] %}{{ a }}{% endfor %}{{ start }}", "http%3A%2F%2Fz%2F%3Fq%3Dhttp%3A%2F%2Fz%2F%3Fq%3D"),
        ("x{{ v|urlencode }}{{ {'a': v}|urlencode }}", "xa%20b/c%3F%26%C3%BCa=a+b%2Fc%3F%26%C3%BC"),
        (" {% set a = v %}\n{{ start }}{{ start }}", "http://z/?q=http%3A%2F%2Fz%2F%3Fq%3D"),
        ("{% set a = v %} ", ""),
        ("x{{ v|safe }}", "xa%20b%2Fc%3F%26%C3%BC"),
        ("x{{ 'p/q?' ~ v }}", "xp/q?a%20b%2Fc%3F%26%C3%BC"),
        ("x{{ 'p q' }}", "xp q"),
        ("x{{ {'a': 1}|tojson }}", "x%7B%22a%22%3A%201%7D"),
        ("x{{ none }}{{ nope }}{{ 5 }}", "xNone5"),
        ("x{{ v[:0] ~ '\ud800' }}", "x\ud800"),
        ("x{{ half }}", "x%3F"),
    ],
)
def test_values_in_a_url_are_percent_encoded_unless_they_begin_it(source: str, expected: str) -> None:
    assert url(source, v="a b/c?&ü", start="http://z/?q=", half="\ud800", env=ENV) == expected


@given(st.text().filter(lambda value: value not in {".", ".."}))
@settings(max_examples=50, deadline=None)
def test_a_value_in_a_url_is_one_piece_of_it(value: str) -> None:
    rendered = url("http://x/{{ v }}", v=value).removeprefix("http://x/")
    assert unquote(rendered) == value
    assert not set(rendered) & set("/?#&= ")


def test_nothing_is_escaped_in_a_parameter() -> None:
    assert parameter(" {{ v }} {{ env.base }}{{ '<' ~ v }}", v="<&%'\"", env=ENV) == " <&%'\" http://x/y?a=1&b=<<&%'\""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (5, 5),
        (True, True),
        (
            {"a": "{{ v }}", "n": 1, "{{ k }}": ["{{ v }}", None]},
            {"a": 'say "\\hi"', "n": 1, "key": ['say "\\hi"', None]},
        ),
        ('{"a": "{{ v }}", "n": 1}', {"a": 'say "\\hi"', "n": 1}),
        ('[["a", "{{ k }}"]]', [["a", "key"]]),
        ('{"a": {{ n }}, "b": "{{ v }}"}', {"a": 5, "b": 'say "\\hi"'}),
        ('{"a": {{ some }}, "b": {{ no }}, "c": {{ yes }}}', {"a": [1, {"x": None}], "b": None, "c": True}),
        ('{"a": {{ some|tojson }}, {{ env.quote }} }', {"a": [1, {"x": None}], "k": "v"}),
        ("{{ '{\"a\": \"' ~ v ~ '\"}' }}", {"a": 'say "\\hi"'}),
        (
            '{"a": "x{{ nope }}", "b": [{% for s in some %}{{ s }}{{ "," if not loop.last }}{% endfor %}]}',
            {"a": "x", "b": [1, {"x": None}]},
        ),
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        ('"plain {{ v }}"', 'plain say "\\hi"'),
        ("{{ n }}", 5),
        ("{{ some }}", [1, {"x": None}]),
    ],
)
def test_data_is_a_structure_or_a_template_that_gives_json(value: Json, expected: Json) -> None:
    context: dict[str, Any] = {"v": 'say "\\hi"', "k": "key", "n": 5, "some": [1, {"x": None}], "no": None, "yes": True}
    assert data(value, env=ENV, **context) == expected


@given(JSON)
@settings(max_examples=50, deadline=None)
def test_any_value_stands_in_data_as_json(value: Json) -> None:
    assert data('{"a": {% if v is string %}"{{ v }}"{% else %}{{ v }}{% endif %}}', v=value) == {"a": value}


@given(st.text())
@settings(max_examples=50, deadline=None)
def test_no_text_leaves_the_quotes_it_stands_in(value: str) -> None:
    assert data('{"a": "{{ v }}", "b": {{ n }}}', v=value, n=1) == data({"a": "{{ v }}", "b": 1}, v=value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{'a': 'b'}", "the data is not JSON: Expecting property name enclosed in double quotes"),
        ("hello", "the data is not JSON: Expecting value"),
        ("", "the data is not JSON: Expecting value"),
        ('{"a": {{ "b" }}}', "the data is not JSON: Expecting value"),
        ('{"a": 1e999}', "the data is not JSON: it nests too deeply, or holds a number that is too large"),
        ('{"a": NaN}', "the data is not JSON: it nests too deeply, or holds a number that is too large"),
        ("1" * 4301, "the data is not JSON: it nests too deeply, or holds a number that is too large"),
        ('{"a": {{ 1 }}, "' + "k" * 20_000 + '": 1, "' + "k" * 20_000 + '": 1}', "come to 'k{200}…'"),
        ("[" * 20_000 + "{{ 1 }}" + "]" * 20_000, "the data is not JSON: it nests too deeply"),
        ({"a": "{{ 1/0 }}"}, "division by zero"),
        ({"{{ a": 1}, "unexpected end of template"),
        ('{"a": "{{ a"}', "unexpected end of template"),
    ],
)
def test_data_that_is_not_json_is_refused(value: Json, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        data(value)


@pytest.mark.parametrize(
    "value",
    [None, 5, {"a": ["{{ b }}"]}, '{"a": 1}', '{"a": {{ b }}}', '"text"', "{% if a %}[]{% endif %}", "{# a #}[]"],
)
def test_data_that_may_be_json_passes_the_check(value: Json) -> None:
    check_data(value)


@pytest.mark.parametrize(
    "value", ["{'a': 'b'}", "", {"a": "{{b"}, {"{{b": 1}, [{"a": ["{% x %}"]}], json.dumps({"a": "{{b"})]
)
def test_data_that_can_never_be_json_fails_the_check(value: Json) -> None:
    with pytest.raises(TemplateError):
        check_data(value)


def test_urls_and_parameters_are_checked() -> None:
    check_url("{{ env.base }}/x")
    check_parameter("{{ x }}")
    with pytest.raises(TemplateError):
        check_url("{{ env.base }")
    with pytest.raises(TemplateError):
        check_parameter("{{ x|nofilter }}")


def test_data_that_nests_too_deeply_is_refused_before_it_is_walked() -> None:
    value: Json = "{{ 1 }}"
    for _ in range(70):
        value = [value]
    with pytest.raises(TemplateError, match="the data is nested more than 64 deep"):
        check_data(value)
    with pytest.raises(TemplateError, match="the data is nested more than 64 deep"):
        data(value)
