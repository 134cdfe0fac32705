"""What is refused when it is saved for where it stands, and what is only text."""

from __future__ import annotations

import pytest

from permabots.engine.templates import check_data, check_text
from permabots.engine.templates.keyboards import check_keyboard
from permabots.exceptions import KeyboardError, TemplateError


@pytest.mark.parametrize("source", ["a <c", "{{ x }} <c", "<b>{{ x }}</b> 5 <"])
def test_what_looks_like_the_beginning_of_a_tag_without_a_value_in_it_is_text(source: str) -> None:
    check_text(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('<a href="{{ x }}', "a quote in a tag is not closed"),
        ("\n<a href={{ x }}", "a tag is not closed"),
        ("<a {% if x %}y{% endif %}", "a tag is not closed"),
    ],
)
def test_a_value_in_a_tag_that_is_not_closed_is_refused(source: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        check_text(source)
    assert caught.value.line == 1 + source.count("\n")


def test_what_has_no_value_in_it_is_judged_as_what_it_is() -> None:
    with pytest.raises(KeyboardError, match="this is not a list of buttons"):
        check_keyboard("[['a]]")
    with pytest.raises(TemplateError, match="the data is not JSON"):
        check_data('{"a": "b}')
