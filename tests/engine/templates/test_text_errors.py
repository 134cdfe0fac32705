"""Errors in text templates: what is wrong, and in which line."""

from __future__ import annotations

import pytest

from permabots.engine.templates import check_text
from permabots.exceptions import TemplateError
from tests.engine.templates.rendering import text


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("{% if false %}a\n{% elif 1 / 0 %}b{% endif %}", "division by zero", 2),
        ("\n{{ 1/0 }}", "division by zero", 2),
        ("\n\n{{ a.b + 1 }}", "'a.b' is undefined", 3),
        (
            "{{ 'x' + ('y' if no) }}",
            "an if without else gave nothing, and nothing cannot be computed with",
            1,
        ),
        (
            "{% macro m() %}\n{{ 'a' + 1 }}\n{% endmacro %}\n{{ m() }}",
            "+ cannot take a text and a number: to join texts write ~, to add numbers |int or |float behind the text",
            2,
        ),
        ("{{ x.y.z }}\n{% if %}", "Expected an expression, got 'end of statement block'", 2),
        ("{{a", "unexpected end of template, expected 'end of print statement'.", 1),
        ("{% foo %}", "Encountered unknown tag 'foo'.", 1),
        ("{% if no %}{{ a|nofilter }}{% endif %}", "No filter named 'nofilter'.", 1),
        ("\n{{ a is nothing }}", "No test named 'nothing'.", 2),
        ("{% include 'x' %}", "a template cannot include another one", 1),
        ("{% import 'x' as x %}", "a template cannot import another one", 1),
        ("{% from 'x' import x %}", "a template cannot import another one", 1),
        ("{% extends 'x' %}", "a template cannot extend another one", 1),
        ("{% do 1 %}", "Encountered unknown tag 'do'.", 1),
        ("{{ 'x'.encode() }}", "a text has no method 'encode' in a template", 1),
        ("{{ [].append(1) }}", "a list has no method 'append' in a template", 1),
        ("{{ [1, 2].sort() }}", "a list has no method 'sort' in a template", 1),
        ("{{ '<b>'.own(x) }}", "a text has no method 'own' in a template", 1),
        ("{{ (1).to_bytes(9) }}", "a number has no method 'to_bytes' in a template", 1),
        ("{{ dict.fromkeys([1]) }}", "a function has no method 'fromkeys' in a template", 1),
        ("{{ 5|list }}", "a number cannot be walked through", 1),
        ("{{ cycler() }}", "a cycler wants one value at least", 1),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "it calls itself, or nests, too deeply", 1),
        ("x" * 50_001, "a template may have 50,000 characters, this one has 50,001", None),
        ("{{ " + "9" * 5000 + " }}", None, None),
    ],
)
def test_an_error_says_what_and_in_which_line(source: str, message: str | None, line: int | None) -> None:
    with pytest.raises(TemplateError) as caught:
        text(source, x={})
    assert caught.value.line == line
    assert message is None or caught.value.message == message


def test_a_template_that_compiles_passes_the_check() -> None:
    check_text("{{ undefined.name }} {{ 1/undefined.number }}")


def test_a_template_that_does_not_compile_fails_the_check() -> None:
    with pytest.raises(TemplateError, match=r"\(line 1\)"):
        check_text("{% if a %}x")


def test_a_fault_that_is_not_the_templates_passes_through() -> None:
    class Broken:
        def __str__(self) -> str:
            raise MemoryError

    with pytest.raises(MemoryError):
        text("{{ x }}", x=Broken())
