"""What is stored for the page: texts, rows of buttons, and nothing that a page could not show."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.providers.web.provider import Web
from permabots.values import Address, Answer, Button, DisplayedMessage, Keyboard

ADDRESS = Address("v:1", "")


def bodies(*texts: str, keyboard: Keyboard = ()) -> list[dict[str, Any]]:
    return [dict(payload.body) for payload in Web().render(Answer(texts, keyboard), ADDRESS)]


def test_each_text_is_a_message_of_its_chat_and_the_last_has_the_buttons() -> None:
    keyboard = ((Button("Yes", "y"), Button("Shop", url="https://example.com/")), (Button("No"),))
    assert bodies("<b>one</b>", "two", keyboard=keyboard) == [
        {"chat": "v:1", "markup": "<b>one</b>", "keyboard": []},
        {
            "chat": "v:1",
            "markup": "two",
            "keyboard": [
                [{"label": "Yes", "data": "y"}, {"label": "Shop", "url": "https://example.com/"}],
                [{"label": "No", "data": "No"}],
            ],
        },
    ]


def test_buttons_for_which_a_message_has_no_room_are_in_further_messages() -> None:
    rows = tuple(tuple(Button(f"{row}.{column}") for column in range(3)) for row in range(14))
    first, second = bodies("pick", keyboard=rows)
    assert (first["markup"], second["markup"]) == ("pick", "…")
    assert [len(first["keyboard"]), len(second["keyboard"])] == [13, 1]


def test_a_row_that_is_longer_than_a_message_takes_is_cut() -> None:
    first, second = bodies("pick", keyboard=(tuple(Button(str(number)) for number in range(41)),))
    assert [len(row) for row in first["keyboard"] + second["keyboard"]] == [40, 1]


def test_a_row_without_buttons_is_left_out() -> None:
    assert bodies("pick", keyboard=((), (Button("a"),)))[0]["keyboard"] == [[{"label": "a", "data": "a"}]]


@pytest.mark.parametrize(
    "url", ["https://example.com/", "http://example.com/", "mailto:a@example.com", "tel:+34600", "HTTPS://EXAMPLE.COM"]
)
def test_an_address_that_a_page_opens_is_a_link(url: str) -> None:
    assert Web().keyboard(((Button("x", url=url),),)) == [[{"label": "x", "url": url}]]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//example.com/", "/shop", "", "tg://x"]
)
def test_any_other_address_is_said_when_its_button_is_pressed(url: str) -> None:
    assert Web().keyboard(((Button("x", url=url),),)) == [[{"label": "x", "data": url or "x"}]]


def test_a_label_of_which_a_cut_would_show_nothing_is_three_dots() -> None:
    (row,) = Web().keyboard(((Button(" " * 80 + "far away", "d"),),))
    assert row == [{"label": "…", "data": "d"}]


def test_a_message_is_shown_with_its_markup_and_its_buttons() -> None:
    keyboard = ((Button("Yes", "y"), Button("Shop", None, "https://example.com/")),)
    (payload,) = Web().render(Answer(("<i>hi</i>",), keyboard), ADDRESS)
    assert Web().preview(payload) == [DisplayedMessage("<i>hi</i>", keyboard, markup=True)]
