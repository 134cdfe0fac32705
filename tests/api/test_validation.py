"""What is wrong with what an author wrote is told with the field, the line and the token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api

pytestmark = [pytest.mark.django_db]


def refused(api: Api, base: str, **response: Any) -> dict[str, Any]:
    body = {"name": "h", "pattern": "x", "response": {"text_template": "hi", **response}}
    answer = api.post(base + "handlers/", body)
    return {} if answer.status_code == 201 else answer.json()["response"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a<br>b", "<br>"),
        ("<b>x", "<b>"),
        ("x</i>", "<i>"),
        ("{% if a %}<b>{% endif %}x", "<b>"),
        ('{{ "<b>" }}', "<b>"),
        ("<span>x</span>", "<span>"),
        ("<u><font color='red'>x</font></u>", "<font>"),
    ],
)
def test_html_that_telegram_refuses_is_named(api: Api, base: str, text: str, words: str) -> None:
    (problem,) = refused(api, base, text_template=text)["text_template"][:1]
    assert words in problem


@pytest.mark.parametrize(
    "text",
    [
        "<b><i>x</i></b>",
        "<b><i>x</b></i>",
        '<a href="{{ data["x"] }}">x</a>',
        "<a href={{ url }}>x</a>",
        "<strong>x</strong><em>y</em><s>z</s>",
        '<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>',
        "<blockquote expandable>x</blockquote>",
        '<pre><code class="language-python">x</code></pre>',
        "a < b, a <c, 1<2, <@x",
        "<B>x</b>",
        "{% if a %}<b>{% else %}<i>{% endif %}x{% if a %}</b>{% else %}</i>{% endif %}",
        '{{ "<b>" if a }}x{{ "</b>" if a }}',
        "{% if a <b and c> d %}x{% endif %}",
        "{# <b> #}x",
    ],
)
def test_html_that_telegram_takes_is_taken(api: Api, base: str, text: str) -> None:
    assert refused(api, base, text_template=text) == {}


def test_all_that_is_wrong_is_told_at_once(api: Api, base: str) -> None:
    problems = refused(api, base, text_template="<em>\n{{ a", keyboard_template="[[")
    assert len(problems["text_template"]) == 2
    assert "line 2" in problems["text_template"][0]
    assert "<em>" in problems["text_template"][1]
    assert "[[" in problems["keyboard_template"][0]


def test_an_unknown_filter_is_named(api: Api, base: str) -> None:
    assert "nofilter" in refused(api, base, text_template="{{ a|nofilter }}")["text_template"][0]


def test_a_keyboard_shows_what_it_renders_to(api: Api, base: str) -> None:
    assert "[['a']" in refused(api, base, keyboard_template="[['{{ 'a' }}']")["keyboard_template"][0]


def test_a_keyboard_is_rendered_within_bounds(api: Api, base: str) -> None:
    template = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    assert refused(api, base, keyboard_template=template)["keyboard_template"]


def test_a_pattern_says_where_it_breaks(api: Api, base: str) -> None:
    body = {"name": "h", "pattern": "(", "response": {"text_template": "hi"}}
    assert "position 0" in api.post(base + "handlers/", body).json()["pattern"][0]


@pytest.mark.parametrize("field", ["url_parameters", "header_parameters"])
def test_a_call_names_a_bounded_number_of_parameters(api: Api, base: str, field: str) -> None:
    parts = [{"key": f"k{number}", "value_template": "{{ a }}"} for number in range(101)]
    request = {"url_template": "https://api.example.com/", "method": "Get"}
    body = {"name": "h", "pattern": "x", "response": {"text_template": "hi"}}
    refused = api.post(base + "handlers/", body | {"request": request | {field: parts}})
    assert refused.status_code == 400
    assert "More than 100 parts" in str(refused.json()["request"][field])
    assert api.post(base + "handlers/", body | {"request": request | {field: parts[:100]}}).status_code == 201


@pytest.mark.parametrize("bots", [{}, {"a": 1}, "", "x", 5, None, True, [{}], [[]]])
def test_the_bots_of_an_api_token_are_a_list(api: Api, bots: Any) -> None:
    answer = api.post("tokens/", {"name": "t", "scopes": ["read"], "all_bots": True, "bots": bots})
    assert (answer.status_code, list(answer.json())) == (400, ["bots"])
