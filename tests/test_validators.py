"""What authors may write into fields: each problem is told with its code, all that is wrong with a text at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from permabots import validators

CLOSED = "The tag <{}> is not closed as often as it is opened."
UNKNOWN = "Telegram does not take the tag <{0}>: to show it, write &lt;{0}&gt;."
LINK = "A link cannot lead to {!r}: Telegram opens http, https, mailto, tel, tg, ton addresses."


def problems(validate: Callable[[Any], None], value: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(ValidationError) as caught:
        validate(value)
    return [(error.code, error.message) for error in caught.value.error_list]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>x", [("html", CLOSED.format("b"))]),
        ("<b>x</b></i>", [("html", "The tag <i> is not opened as often as it is closed.")]),
        ("{% if a %}<b>{% else %}<b>x{% endif %}", [("html", CLOSED.format("b"))]),
        ("{{ '<b>' }}x", [("html", CLOSED.format("b"))]),
        ("<table>x", [("html", UNKNOWN.format("table"))]),
        ('<a href="javascript:x">t</a>', [("html", LINK.format("javascript:x"))]),
        ("<a href='data:{{ x }}'>t</a>", [("html", LINK.format("data:0"))]),
        ("{{ '<a href=\"x:y\">' }}t</a>", [("html", LINK.format("x:y"))]),
        ('<a href="x:' + "y" * 500 + '">t</a>', [("html", LINK.format("x:" + "y" * 98))]),
        (
            '<b><table><a href="x:y">{{ 1 +',
            [
                ("template", "unexpected 'end of template' (line 1)"),
                ("html", UNKNOWN.format("table")),
                ("html", CLOSED.format("b")),
                ("html", CLOSED.format("a")),
                ("html", LINK.format("x:y")),
            ],
        ),
        (
            "<b {{ x }}>",
            [
                ("template", "a value can stand in a tag's attribute only: put it behind = and in quotes (line 1)"),
                ("html", CLOSED.format("b")),
            ],
        ),
    ],
)
def test_all_that_is_wrong_with_a_text_is_told(source: str, expected: list[tuple[str, str]]) -> None:
    assert problems(validators.validate_text_template, source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "",
        '<a href="{{ x }}">t</a>',
        '<a href="http://{{ x }}">t</a><a href="{{ x }}:y">t</a>',
        "{% if a %}<b>{% else %}<i>{% endif %}t{% if a %}</b>{% else %}</i>{% endif %}",
        "{{ '<b>' if a else '<b>' }}t</b>",
        "<b>{% for a in x %}{{ a }}{% else %}none{% endfor %}</b>",
        "{# <b> #}{{ '&lt;' }}{{ \"a\" }}{% set a = '<b>' %}{{ a }}</b>",
        "1 < 2 &lt;table&gt;",
        "{{ '{%' }}{{ '{{' }} and {{ '{#' }}",
    ],
)
def test_a_text_that_can_be_sent_is_taken(source: str) -> None:
    validators.validate_text_template(source)


@pytest.mark.parametrize(
    ("validate", "value", "code"),
    [
        (validators.validate_pattern, "(", "pattern"),
        (validators.validate_url_template, "{{ a", "template"),
        (validators.validate_parameter_template, "{{ a|nofilter }}", "template"),
        (validators.validate_data_template, {"a": "{{ b"}, "template"),
        (validators.validate_data_template, '{"a": 1{{ b }}}', "template"),
        (validators.validate_keyboard_template, "menu", "keyboard"),
        (validators.validate_keyboard_template, "['{{ 1 / 0 }}']", "keyboard"),
        (validators.validate_token, "nonsense", "token"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_code(validate: Callable[[Any], None], value: Any, code: str) -> None:
    assert [found for found, _ in problems(validate, value)] == [code]


@pytest.mark.parametrize(
    ("validate", "value"),
    [
        (validators.validate_pattern, "^a(b)?$"),
        (validators.validate_url_template, "{{ env.base }}/x/{{ pattern.a }}"),
        (validators.validate_parameter_template, "{{ a|default('x') }}"),
        (validators.validate_data_template, {"a": ["{{ b }}"]}),
        (validators.validate_keyboard_template, "{{ response.data|tojson }}"),
        (validators.validate_token, "123:abc-DEF_1"),
    ],
)
def test_what_can_be_used_is_taken(validate: Callable[[Any], None], value: Any) -> None:
    validate(value)
