"""Keyboards as Telegram takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base import callback_tokens
from permabots.testing.telegram.markup import url_refusal
from permabots.values import Answer, Button, Json, Keyboard
from tests.providers.telegram.rendering import HOME, REMOVED, TELEGRAM, bodies


def markup_of(rows: Keyboard) -> Json:
    (body,) = bodies(Answer(("Pick",), rows))
    return body["reply_markup"]


def test_the_rows_of_the_author_stay_and_long_ones_wrap() -> None:
    rows = ((Button("a", "a"), Button("b", "B")), tuple(Button(str(n), str(n)) for n in range(17)), ())
    inline = markup_of(rows)["inline_keyboard"]
    assert [len(row) for row in inline] == [2, 8, 8, 1]
    assert inline[0] == [{"text": "a", "callback_data": "a"}, {"text": "b", "callback_data": "B"}]
    assert [button["text"] for row in inline[1:] for button in row] == [str(n) for n in range(17)]


@pytest.mark.parametrize(
    ("buttons", "sizes"),
    [
        ([Button(str(n), str(n)) for n in range(120)], [100, 20]),
        ([Button(f"{n:02} " + "é" * 60, "d" * 64) for n in range(60)], [33, 27]),
    ],
)
def test_a_keyboard_over_a_limit_goes_on_in_messages_of_its_own(buttons: list[Button], sizes: list[int]) -> None:
    first, *others = bodies(Answer(("Pick",), tuple((button,) for button in buttons)))
    boards = [body["reply_markup"]["inline_keyboard"] for body in (first, *others)]
    assert [len(board) for board in boards] == sizes
    assert [button["text"] for board in boards for row in board for button in row] == [it.label for it in buttons]
    assert [body["text"] for body in others] == ["…"] * (len(sizes) - 1)
    assert "reply_parameters" not in others[0]


@pytest.mark.parametrize("rows", [(), ((),)])
def test_a_keyboard_of_no_buttons_is_none(rows: Keyboard) -> None:
    assert markup_of(rows) == REMOVED == TELEGRAM.keyboard(rows)


@pytest.mark.parametrize(
    ("button", "wire"),
    [
        (Button("go", url="https://example.com"), {"text": "go", "url": "https://example.com"}),
        (Button("go", url="TG://user?id=7"), {"text": "go", "url": "TG://user?id=7"}),
        (Button("mail", url="mailto:a@example.com"), {"text": "mail", "callback_data": "mailto:a@example.com"}),
        (Button("a", url="http://shop/sizes"), {"text": "a", "callback_data": "http://shop/sizes"}),
        (Button("a", url="https://"), {"text": "a", "callback_data": "https://"}),
        (Button("a", url="https://[::1]/"), {"text": "a", "callback_data": "https://[::1]/"}),
        (Button("a", url="https://e.xy:99999/"), {"text": "a", "callback_data": "https://e.xy:99999/"}),
        (Button("a", url="https://u:p@e.xy:80/?q=ü"), {"text": "a", "url": "https://u:p@e.xy:80/?q=ü"}),
        (Button("\u200b", "x"), {"text": "…", "callback_data": "x"}),
        (Button("\u200b"), {"text": "…", "callback_data": "\u200b"}),
        (Button("same"), {"text": "same", "callback_data": "same"}),
        (Button("same", ""), {"text": "same", "callback_data": "same"}),
    ],
)
def test_a_button_opens_an_address_or_answers(button: Button, wire: Json) -> None:
    assert TELEGRAM.keyboard(((button,),)) == {"inline_keyboard": [[wire]]}


ADDRESSES = st.text("abz0.:/?#@[]%-_ üé&+", max_size=12).map("https://{}".format) | st.sampled_from(
    ["http://a.b", "tg://user?id=1", "tg://a b", "https://a.b:0", "https://a.b:065535", "http://@a.b", "https://:1@a.b"]
)


@given(ADDRESSES)
def test_no_button_has_an_address_that_telegram_refuses(address: str) -> None:
    keyboard: Json = TELEGRAM.keyboard(((Button("go", url=address),),))
    (button,) = keyboard["inline_keyboard"][0]
    assert "url" not in button or url_refusal(address) == ""


def test_what_a_button_cannot_open_is_told_to_the_author() -> None:
    rows = ((Button("a", url="https://shop.example/"), Button("b", url="http://shop/")), (Button("c", url="mailto:x"),))
    (payload,) = TELEGRAM.render(Answer(("Pick",), rows), HOME)
    assert payload.notes == (
        "no button of Telegram can open the address of button 2, 3: pressed, it answers with its address",
    )


def test_data_over_64_bytes_travels_as_a_token_on_the_last_message() -> None:
    long = "ü" * 33
    first, last = TELEGRAM.render(Answer(("one", "two"), ((Button("a", long), Button("b", "short")),)), HOME)
    data = last.body["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert callback_tokens.is_token(data)
    assert (first.stored_callback_data, last.stored_callback_data) == ({}, {data: long})
