"""Each class of piece in each kind of template and place: who wrote what decides how it leaves."""

from __future__ import annotations

import pytest

from permabots.exceptions import TemplateError
from permabots.values import Json
from tests.engine.templates.rendering import data, keyboard_source, parameter, text, url

RAW = "a<\"'\\é&b/😀"
CONTEXT = {
    "x": RAW,
    "n": 5,
    "some": ["a'", {"k": 1.5}, ("b", None)],
    "nothing": None,
    "huge": float("inf"),
    "env": {"v": "e<\"'", "number": "7", "pair": '"k": 1', "list": ["x"]},
}
ESCAPED = "a\\x3c\\x22\\x27\\x5c\\xe9\\x26b\\x2f\\U0001f600"
QUOTED = "a%3C%22%27%5C%C3%A9%26b%2F%F0%9F%98%80"
IN_JSON = "a<\\\"'\\\\\\u00e9&b/\\ud83d\\ude00"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ x }}", "a&lt;\"'\\é&amp;b/😀"),
        ("{{ '<i>' }}{{ env.v }}", "<i>e<\"'"),
        ("{{ env['v'] }}{{ env.get('v') }}{{ env.nope }}", "e<\"'e<\"'"),
        ("{{ env.list }}{{ env }}", "['x']" + str(CONTEXT["env"]).replace("<", "&lt;")),
        ("{{ x|safe }}{{ x|e }}", RAW + "a&lt;&#34;&#39;\\é&amp;b/😀"),
        ("{{ '<i>'|safe|safe }}{{ '<i>'|safe|e }}", "<i><i>"),
        ("{{ ['<']|tojson }}", '["\\u003c"]'),
        ("{{ some }}", "[\"a'\", {'k': 1.5}, ('b', None)]"),
        ("{{ nothing }}{{ n }}{{ huge }}{{ nope }}", "None5inf"),
        ("{{ x|urlencode }}", "a%3C%22%27%5C%C3%A9%26b/%F0%9F%98%80"),
    ],
)
def test_pieces_of_a_text(source: str, expected: str) -> None:
    assert text(source, **CONTEXT) == expected


@pytest.mark.parametrize(
    ("source", "env", "expected"),
    [
        ("{{ env }}{{ env.a }}{{ env['b'] }}", None, ""),
        ("{{ env }}{{ env.a }}", ["<"], "['&lt;']"),
        ("{{ env.a }}{{ env.b }}{{ env }}", {"a": 5, "b": None}, "5None{'a': 5, 'b': None}"),
        ("{% set env = {'a': '<'} %}{{ env.a }}{{ env['a'] }}", {"a": "x"}, "&lt;&lt;"),
    ],
)
def test_environment_variables_may_be_missing_or_something_else(source: str, env: Json, expected: str) -> None:
    assert text(source, **({} if env is None else {"env": env})) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'{{ x }}'", f"'{ESCAPED}'"),
        ("{{ x }}", ESCAPED),
        ("# {{ x }}", f"# {ESCAPED}"),
        ("'{{ env.v }}'", "'e\\x3c\\x22\\x27'"),
        ("{{ env.number }}", "7"),
        ("{{ env.v }}", "e\\x3c\\x22\\x27"),
        ("'{{ \"it: \" ~ x }}'", f"'it: {ESCAPED}'"),
        ("'{{ x|e }}'", "'a\\x26lt\\x3b\\x26\\x2334\\x3b\\x26\\x2339\\x3b\\x5c\\xe9\\x26amp\\x3bb\\x2f\\U0001f600'"),
        ("'{{ x|safe }}'", f"'{ESCAPED}'"),
        ("{{ ['a\"']|tojson }}", '["a\\""]'),
        ("'{{ ['a\"']|tojson }}'", "'\\x5b\\x22a\\x5c\\x22\\x22\\x5d'"),
        ("{{ some }}", "['a\\x27', {'k': 1.5}, ('b', None, )]"),
        ("'{{ [1] }}'", "'\\x5b1\\x5d'"),
        ("{{ n }}{{ 2.5 }}{{ nothing }}{{ true }}", "52.5NoneTrue"),
        ("{{ nope }}|'{{ nope }}'", "|''"),
        ("{{ namespace() }}", "\\x3cnamespace\\x3e"),
        ("{{ 'x' if nope }}", ""),
        ("'\u0142{{ '\u0142' ~ x[:0] }}{{ word }}'", "'\u0142\u0142'"),
    ],
)
def test_pieces_of_a_keyboard(source: str, expected: str) -> None:
    assert keyboard_source(source, **CONTEXT) == expected


def test_a_wide_character_is_escaped_by_four_digits() -> None:
    assert keyboard_source("'{{ x }}'", x="ł") == "'\\u0142'"


@pytest.mark.parametrize("render", [keyboard_source, data])
def test_a_value_behind_a_backslash_is_an_error(render: object) -> None:
    with pytest.raises(TemplateError, match="a value cannot stand directly behind a backslash"):
        render('{"a": "\\{{ x }}"}', x="n")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("p/{{ x }}", f"p/{QUOTED}"),
        ("p/{{ env.v }}", "p/e<\"'"),
        ("p/{{ 'a b' }}", "p/a b"),
        ("p/{{ x|urlencode }}", "p/a%3C%22%27%5C%C3%A9%26b/%F0%9F%98%80"),
        ("p/{{ x|safe }}{{ x|e|length }}", f"p/{QUOTED}{len('a&lt;&#34;&#39;') + 1 + 1 + len('&amp;b/') + 1}"),
        ("p/{{ [1]|tojson }}{{ some[1] }}", "p/%5B1%5D%7B%27k%27%3A%201.5%7D"),
        ("p/{{ nothing }}{{ n }}{{ nope }}", "p/None5"),
        ("{{ x }}", RAW),
        ("{{ x|urlencode }}", "a%3C%22%27%5C%C3%A9%26b/%F0%9F%98%80"),
        ("{{ n }}/{{ x }}", f"5/{QUOTED}"),
        ("{{ nope }}{{ x }}", QUOTED),
        ("{{ env.nope }}{{ x }}", QUOTED),
    ],
)
def test_pieces_of_an_address(source: str, expected: str) -> None:
    assert url(source, **CONTEXT) == expected


def test_pieces_of_a_parameter_stand_as_they_are() -> None:
    source = "{{ x }}{{ env.v }}{{ '<' }}{{ x|safe }}{{ '<'|e }}{{ ['<']|tojson }}{{ some }}{{ nothing }}{{ nope }}"
    assert parameter(source, **CONTEXT) == RAW + "e<\"'" + "<" + RAW + "&lt;" + '["<"]' + str(CONTEXT["some"]) + "None"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{"a": "{{ x }}"}', {"a": RAW}),
        ('{"a": {{ x }}}', {"a": RAW}),
        ('{"a": "{{ env.v }}"}', {"a": "e<\"'"}),
        ('{"a": {{ env.number }}}', {"a": 7}),
        ("{ {{ env.pair }} }", {"k": 1}),
        ('{"a": "{{ "it: " ~ x }}"}', {"a": f"it: {RAW}"}),
        ('{"a": "{{ x|e }}", "b": "{{ x|safe }}"}', {"a": "a&lt;&#34;&#39;\\é&amp;b/😀", "b": RAW}),
        ('{"a": {{ ["x"]|tojson }}, "b": "{{ ["x"]|tojson }}"}', {"a": ["x"], "b": '["x"]'}),
        ('{"a": {{ some }}, "b": "{{ [1] }}"}', {"a": ["a'", {"k": 1.5}, ["b", None]], "b": "[1]"}),
        (
            '{"a": {{ nothing }}, "b": {{ nope }}, "c": {{ true }}, "d": {{ n }}}',
            {"a": None, "b": None, "c": True, "d": 5},
        ),
        ('{"a": "{{ nothing }}{{ nope }}{{ n }}"}', {"a": "None5"}),
        ('{"a": {{ (x if nope) or 1 }}{{ "" if nope }}}', {"a": 1}),
        ('{"a": {{ "15" ~ x[:0] }}, "b": {{ n|string }}, "c": {{ "-0.5"|trim("x") }}}', {"a": 15, "b": 5, "c": -0.5}),
    ],
)
def test_pieces_of_data(source: str, expected: Json) -> None:
    assert data(source, **CONTEXT) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", 5),
        ("-12.5", -12.5),
        ("0", 0),
        ("123456789012345", 123456789012345),
        ("1234567890123456", "1234567890123456"),
        ("0.12345678901234", 0.12345678901234),
        ("1234567.12345678", 1234567.12345678),
        ("12345678.12345678", "12345678.12345678"),
        ("007", "007"),
        ("+5", "+5"),
        ("1e5", "1e5"),
        (".5", ".5"),
        ("5 ", "5 "),
        ("\u0665", "\u0665"),
        ("true", "true"),
        ("null", "null"),
        ("NaN", "NaN"),
        ("", ""),
        ('", "b": "', '", "b": "'),
        ("{}", "{}"),
    ],
)
def test_a_text_that_stands_bare_in_data_is_a_number_or_a_string(value: str, expected: Json) -> None:
    assert data('{"a": {{ v }}}', v=value) == {"a": expected}


@pytest.mark.parametrize("source", ['{"a": {{ huge }}}', '{"a": {{ [huge] }}}', '{"a": {{ [huge]|tojson }}}'])
def test_a_number_that_json_does_not_have_is_an_error(source: str) -> None:
    with pytest.raises(TemplateError, match="a number that is infinite, or none, has no place in JSON"):
        data(source, **CONTEXT)
