"""Keyboards: rows of buttons, read from what a template writes."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.keyboards import check_keyboard, parse_keyboard, render_keyboard
from permabots.engine.templates.literals import MAX_CHARS, MAX_DEPTH, read_literal
from permabots.exceptions import KeyboardError, TemplateError
from permabots.values import Button, Keyboard
from tests.engine.templates.rendering import budget


def rendered(source: str, **context: Any) -> Keyboard:
    return render_keyboard(source, context, budget())


def labels(keyboard: Keyboard) -> list[list[str]]:
    return [[button.label for button in row] for row in keyboard]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("[['a','b'],['c']]", [["a", "b"], ["c"]]),
        ('["a", "b"]', [["a"], ["b"]]),
        ("['a',['b',['c','d']]]", [["a"], ["b", "c", "d"]]),
        ("[['a'],[],[[]],'b']", [["a"], ["b"]]),
        ("[1, 2.5, -3, '4']", [["1"], ["2.5"], ["-3"], ["4"]]),
        ("'a'", [["a"]]),
        ("5", [["5"]]),
        ("('a', 'b')", [["a"]]),
        ("[ 'a' , # it's the first\n 'b' 'c', ]", [["a"], ["bc"]]),
        (r"['\x41\u00e9\U0001f600\n\'']", [["Aé😀\n'"]]),
        (r'["\ud83d\ude00 \/ \"", "\u00e9"]', [['😀 / "'], ["é"]]),
        (r'["\ud83d\ude00", "\x41"]', [["😀"], ["A"]]),
        (r"['50\% \d']", [[r"50\% \d"]]),
        (r"['\777\101\8']", [["\u01ffA" + r"\8"]]),
        (r'["\ud83d"]', [["\N{REPLACEMENT CHARACTER}"]]),
        ("", []),
        (" \n ", []),
        ("[]", []),
        ("[[], [[]]]", []),
    ],
)
def test_rows_are_those_the_author_wrote(source: str, rows: list[list[str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert labels(parse_keyboard(source)) == rows


@pytest.mark.parametrize(
    ("source", "button"),
    [
        ("'a'", Button("a", data="a")),
        ("'http://x'", Button("http://x", data="http://x")),
        ("('a', 'b')", Button("a", data="b")),
        ("('a', 5)", Button("a", data="5")),
        ("('a', 'say http://x')", Button("a", data="say http://x")),
        ("('a', 'http://x')", Button("a", url="http://x")),
        ("('a', 'HTTPS://x')", Button("a", url="HTTPS://x")),
        ("('a', 'tg://user?id=1')", Button("a", url="tg://user?id=1")),
        ("('a', 'mailto:x@y')", Button("a", url="mailto:x@y")),
        ("('a', 'tel:1')", Button("a", url="tel:1")),
    ],
)
def test_a_button_answers_or_opens_an_address(source: str, button: Button) -> None:
    assert parse_keyboard(f"[{source}]") == ((button,),)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("menu", "unexpected 'menu'"),
        ("['a'", "was never closed"),
        ("['a']]", "unmatched ']'"),
        ("[['a'] ['b']]", r"a comma is missing before '\['"),
        ("['a', b]", "unexpected 'b]'"),
        ("['a' # comment\rb\n]", "unexpected 'b"),
        ("['a\nb']", "unexpected"),
        ("[1-1]", "a comma is missing before '-1'"),
        ("['a'()]", r"a comma is missing before '\('"),
        ("['a', 'b'.upper()]", "unexpected"),
        ("[f'a']", "unexpected"),
        ("[x for x in y]", "unexpected 'x for x in'"),
        ("[01]", "leading zeros"),
        ("[" + "9" * 5000 + "]", "Exceeds the limit"),
        ("['" + "a" * MAX_CHARS + "']", "longer than"),
        ("[" * (MAX_DEPTH + 1), "brackets inside each other"),
        ("[" * 50_000, "brackets inside each other"),
        ("-" * 50_000 + "1", "unexpected"),
        (r"['\x4']", "truncated"),
        ("['\x00', 'a']", "null bytes"),
        ("['\ud800', 'a']", "surrogates not allowed"),
        ("{['a']: 1}", "unhashable"),
        ("[('a',)]", "has 1 parts"),
        ("[('a', 'b', 'c')]", "has 3 parts"),
        ("[True]", "True is no text"),
        ("[null]", "None is no text"),
        ("[{'a': 1}]", "is no text"),
        ("[('a', ['b'])]", r"\['b'\] is no text"),
        ("['']", "'' has an empty label"),
        ("['a', ' ']", "' ' has an empty label"),
        ("[('a', '')]", r"\('a', ''\) has an empty target"),
    ],
)
def test_what_is_no_keyboard_is_refused_and_shown(source: str, reason: str) -> None:
    with pytest.raises(KeyboardError, match=reason) as caught:
        parse_keyboard(source)
    assert source[:20].replace("\x00", "\ufffd").replace("\ud800", "\ufffd") in caught.value.message
    assert len(caught.value.message) < 600


@given(st.text(min_size=1).filter(str.strip))
@settings(max_examples=80, deadline=None)
def test_a_value_between_quotes_is_exactly_that_label(value: str) -> None:
    source = """[["{{ v }}", '{{ v }}'], '{{ v ~ v }}', ('a', "{{ 'data: ' ~ v }}"), {{ [v, [v]]|tojson }}]"""
    first, second, third, *rest = rendered(source, v=value)
    assert [button.label for button in first] == [value, value]
    assert second[0] == Button(value + value, data=value + value)
    assert third[0] == Button("a", data="data: " + value)
    assert labels(tuple(rest)) == [[value, value]]


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_a_value_outside_of_quotes_makes_no_more_than_one_button(value: str) -> None:
    try:
        keyboard = rendered("[{{ v }}]", v=value)
    except KeyboardError:
        return
    assert sum(map(len, keyboard)) <= 1


def test_user_text_makes_no_buttons() -> None:
    assert labels(rendered('[["{{pattern.w}}"]]', pattern={"w": 'a","b'})) == [['a","b']]


@given(
    st.lists(
        st.lists(st.text(min_size=1).filter(str.strip).map(lambda label: Button(label, data=label)), min_size=1).map(
            tuple
        )
    ).map(tuple)
)
@settings(max_examples=40, deadline=None)
def test_what_python_writes_of_labels_is_read_back(keyboard: Keyboard) -> None:
    assert parse_keyboard(repr(labels(keyboard))) == keyboard


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("{% if response.status == 200 %}[['a']]{% endif %}", [["a"]]),
        ("{% if response.status == 404 %}[['a']]{% else %} {% endif %}", []),
        ("[['Back']{% for r in response.data %},['{{r.n}}']{% endfor %}]", [["Back"], ["it's"], ["5"]]),
        ('[{% for i in range(3) %}"m{{i}}",{% endfor %}]', [["m0"], ["m1"], ["m2"]]),
        ("[{% for r in response.data %}'{{ r.n }}'{{ ', ' if not loop.last }}{% endfor %}]", [["it's"], ["5"]]),
        ("['{{ response.data|map(attribute=\"n\")|join(\"','\") }}']", [["it's"], ["5"]]),
        ("[['{{ env.back }}', '{{ emoji.thumbs_up_sign }}']]", [["Go 'back'", "👍"]]),
        ("[['{{ \"a: b\" }}']]", [["a: b"]]),
        ("{{ \"[['a']]\" if response else '' }}", [["a"]]),
        ("[{{ response.status }}, '{{ none }}']", [["200"], ["None"]]),
        ("{{ [['a', 'ü'], response.status]|tojson }}", [["a", "ü"], ["200"]]),
    ],
)
def test_a_keyboard_is_made_of_what_is_known(source: str, rows: list[list[str]]) -> None:
    response = {"status": 200, "data": [{"n": "it's"}, {"n": 5}]}
    assert labels(rendered(source, response=response, env={"back": "Go 'back'"}, emoji=EMOJI)) == rows


@pytest.mark.parametrize(
    "source",
    [
        "",
        " ",
        "5",
        '"a"',
        '[("t","p"),("u","http://x")]',
        "[['{{response.value}}','{% if pattern.c %}{{pattern.c}}{% else %}back{% endif %}']]",
        "[('{{ response.value }}', '{{ env.url }}')]",
        "[['Back']{% for r in state_context.detail.response.data %},['{{r.n}}']{% endfor %}]",
        "[['{{ state_context.a.response.keys()|list }}', '{{ state_context[\"b c\"].pattern.items()|list }}']]",
        '[["{{ response.data[0].x }}"]]',
        "[['{{ response.count + 1 }}']]",
        "[['{{ emoji.pile_of_poo }}']]",
        "{% if response.status == 400 %}[['a'{% else %}[['b']]{% endif %}",
        '[["{{ cycler.__init__.__globals__.os.name }}"]]',
    ],
)
def test_a_template_that_may_give_a_keyboard_passes_the_check(source: str) -> None:
    check_keyboard(source)


@pytest.mark.parametrize("source", ["menu", "[", "[['a'", "[None]", "[('a',)]", "{% if no %}{% else %}x{% endif %}"])
def test_a_template_that_gives_no_keyboard_fails_the_check(source: str) -> None:
    with pytest.raises(KeyboardError, match="this is not a list of buttons"):
        check_keyboard(source)


@pytest.mark.parametrize("source", ['[["{{a"]]', "{{ 1/0 }}", "{% x %}", "{% for i in 'a' * 9999999 %}{% endfor %}"])
def test_a_template_that_fails_in_any_case_fails_the_check(source: str) -> None:
    with pytest.raises(TemplateError):
        check_keyboard(source)


@pytest.mark.parametrize(
    ("source", "value"), [("{'a': {1, 2}}", {"a": {1, 2}}), ("(1, null)", (1, None)), ("[.5e1]", [5.0])]
)
def test_any_literal_can_be_read(source: str, value: object) -> None:
    assert read_literal(source) == value
