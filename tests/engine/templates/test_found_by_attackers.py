"""What an attacker with a token, or a person who writes, has tried: each by its kind, with its neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.engine.templates import check_text
from permabots.engine.templates.keyboards import check_keyboard
from permabots.engine.templates.request_data import MAX_TEMPLATES
from permabots.exceptions import RenderLimitExceeded, TemplateError
from tests.engine.templates.rendering import data, text


@pytest.mark.parametrize("source", ["{{ 'a'|replace('z' * 2000000, 'c') }}", "{{ 'a'.replace('z' * 2000000, 'c') }}"])
def test_a_long_text_that_is_looked_for_costs_no_more_than_looking(source: str) -> None:
    assert text(source) == "a"


def test_items_are_sorted_by_a_bounded_number_of_attributes() -> None:
    assert text("{{ [{'a': 2}, {'a': 1}]|sort(attribute='a,' * 100000)|map(attribute='a')|join }}") == "12"


def test_comments_without_end_are_refused() -> None:
    with pytest.raises(TemplateError, match="signs"):
        check_text("{##}" * 12_000)


@pytest.mark.parametrize(
    "around", ['<a href="{}">x</a>', "<a href='{}'>x</a>", '<code class="{}">x</code>', "<a href={}>x</a>"]
)
@pytest.mark.parametrize("value", ["a\\nb", "\\n", "\\"])
def test_a_backslash_of_a_value_in_an_attribute_begins_no_message(around: str, value: str) -> None:
    for source in ("{{ v }}", "{{ v|e }}", "{{ env.v }}"):
        rendered = text(around.replace("{}", source), v=value, env={})
        assert "\\" not in rendered


@pytest.mark.parametrize(
    "source",
    [
        {"admin": False, "{{ v }}": 1},
        '{"admin": false, "{{ v }}": 1}',
        '{% if v %}{"admin": false, "{{ v }}": 1}{% endif %}',
        {"a": [{"{{ v }}": 1, "x{{ v }}": 2, "xadmin": 3}]},
    ],
)
def test_a_value_takes_no_other_names_place_in_data(source: Any) -> None:
    with pytest.raises(TemplateError, match="two names of an object in the data come to"):
        data(source, v="admin")


def test_data_holds_a_bounded_number_of_templates() -> None:
    assert len(data(["{{ v }}"] * MAX_TEMPLATES + ["plain"] * 1_000, v="x")) == MAX_TEMPLATES + 1_000
    with pytest.raises(TemplateError, match="more than"):
        data(["{{ v }}"] * (MAX_TEMPLATES + 1), v="x")


def test_a_text_of_several_authors_is_one_value_of_data_unless_it_has_structure() -> None:
    assert data("{\"a\": {{ v ~ ' ' ~ w }}, \"b\": {{ '[\"' ~ v ~ '\"]' }}}", v='x"', w="y") == {
        "a": 'x" y',
        "b": ['x"'],
    }


def test_a_keyboard_that_takes_long_is_refused_before_it_has_taken_long() -> None:
    loop = "{% for i in range(1000) %}{% for j in range(1000) %}{{ i }}{% endfor %}{% endfor %}"
    with pytest.raises(RenderLimitExceeded, match=r"more than 20,000 steps|compute longer than"):
        check_keyboard(loop)
