"""Answers as calls of the Send API."""

from __future__ import annotations

import json

import pytest

from permabots.providers.base import callback_tokens
from permabots.values import Answer, Button, Json, Keyboard, Payload, storable
from tests.providers.messenger.rendering import HOME, MESSENGER, cards, messages, template


def row(count: int) -> Keyboard:
    return (tuple(Button(f"b{n}", f"d{n}") for n in range(count)),)


def wire(count: int) -> list[Json]:
    return [{"type": "postback", "title": f"b{n}", "payload": f"d{n}"} for n in range(count)]


def test_a_plain_answer_is_one_message_without_markup() -> None:
    assert MESSENGER.render(Answer(("Hi <b>you</b> &amp; me",)), HOME) == [
        Payload(
            "messages",
            {
                "recipient": {"id": "7712345678901234"},
                "messaging_type": "RESPONSE",
                "message": {"text": "Hi you & me"},
            },
        )
    ]


def test_a_link_shows_its_address() -> None:
    assert messages(Answer(('See <a href="https://example.com/?a=1&amp;b=2">this</a>.',))) == [
        {"text": "See this (https://example.com/?a=1&b=2)."}
    ]


def test_each_text_is_a_message_and_the_last_has_the_buttons() -> None:
    *texts, last = messages(Answer(("one", "two", "three"), row(1)))
    assert texts == [{"text": "one"}, {"text": "two"}]
    assert template(last) == {"template_type": "button", "text": "three", "buttons": wire(1)}


@pytest.mark.parametrize(
    "answer", [Answer(), Answer((" ", "<b>\n</b>")), Answer((), row(1)), Answer(("<i> </i>",), row(9))]
)
def test_an_answer_without_text_is_no_message(answer: Answer) -> None:
    assert messages(answer) == []


@pytest.mark.parametrize("keyboard", [(), ((),)])
def test_a_keyboard_of_no_buttons_is_none(keyboard: Keyboard) -> None:
    assert messages(Answer(("Pick",), keyboard)) == [{"text": "Pick"}]
    assert MESSENGER.keyboard(keyboard) == []


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("x" * 2000, [2000]), ("x" * 2001, [2000, 1]), ("👍" * 1001, [1000, 1]), ("&lt;" * 2000, [2000])],
)
def test_a_text_has_2000_utf16_units_at_most(text: str, lengths: list[int]) -> None:
    assert [len(message["text"]) for message in messages(Answer((text,)))] == lengths


@pytest.mark.parametrize("count", [1, 2, 3])
def test_up_to_three_buttons_stand_under_their_text(count: int) -> None:
    (message,) = messages(Answer(("x" * 640,), row(count)))
    assert message["attachment"]["type"] == "template"
    assert template(message) == {"template_type": "button", "text": "x" * 640, "buttons": wire(count)}


def test_more_buttons_are_cards_of_three_with_the_text_as_title() -> None:
    assert cards("Pick", row(8)) == (
        [],
        [
            {"title": "Pick", "buttons": wire(8)[:3]},
            {"title": "Pick", "buttons": wire(8)[3:6]},
            {"title": "Pick", "buttons": wire(8)[6:]},
        ],
    )


def test_the_rows_of_the_author_make_no_difference() -> None:
    rows = tuple((button,) for button in row(5)[0])
    assert cards("Pick", rows) == cards("Pick", row(5))
    assert MESSENGER.keyboard(rows) == MESSENGER.keyboard(row(5)) == wire(5)


def test_a_text_too_long_for_a_button_template_makes_cards_of_few_buttons_too() -> None:
    texts, (card,) = cards("word " * 128 + "end.", row(2))
    assert len(card["title"]) <= 80
    assert card["buttons"] == wire(2)
    assert " ".join([*texts, card["title"]]) == "word " * 128 + "end."


@pytest.mark.parametrize(
    ("text", "before", "title"),
    [
        ("x" * 80, [], "x" * 80),
        ("x" * 81, ["x" * 80], "x"),
        ("short\nlines", [], "short\nlines"),
        ("y" * 90 + "\nPick one", ["y" * 90], "Pick one"),
        ("y" * 90 + "\n\nPick one", ["y" * 90], "Pick one"),
        ("y\n" + "x" * 81, ["y\n" + "x" * 80], "x"),
        ("word " * 20 + "end", [" ".join(["word"] * 16)], "word " * 4 + "end"),
        ("👍" * 41, ["👍" * 40], "👍"),
        ("\n" * 90 + "Pick", [], "Pick"),
    ],
)
def test_the_title_of_cards_is_the_last_text_or_its_last_line_or_the_end_of_that(
    text: str, before: list[str], title: str
) -> None:
    texts, elements = cards(text, row(4))
    assert texts == before
    assert [card["title"] for card in elements] == [title, title]


def test_the_title_of_cards_has_no_blanks_at_its_end() -> None:
    assert cards("x" * 80 + "<b> </b>" * 5, row(4))[1][0]["title"] == "x" * 80


@pytest.mark.parametrize(("count", "messages_"), [(30, [10]), (31, [10, 1]), (70, [10, 10, 4])])
def test_more_than_ten_cards_are_further_messages_and_no_button_vanishes(count: int, messages_: list[int]) -> None:
    sent = [template(message)["elements"] for message in messages(Answer(("Pick",), row(count)))]
    assert [len(elements) for elements in sent] == messages_
    assert [button for elements in sent for card in elements for button in card["buttons"]] == wire(count)
    assert {card["title"] for elements in sent for card in elements} == {"Pick"}


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("a title that is longer than twenty", "a title that is long"),
        ("another title longer than twenty", "another title longer"),
        ("👍", "👍"),
        ("👍" * 11, "👍" * 10),
        ("x" * 19 + "👍", "x" * 19),
        ("x" * 15 + "👨\u200d👩\u200d👧", "x" * 15),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 9),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_a_label_is_cut_at_20_and_its_payload_is_whole(label: str, title: str) -> None:
    (button,) = MESSENGER.keyboard(((Button(label, label),),))
    assert button == {"type": "postback", "title": title, "payload": storable(label)}


@pytest.mark.parametrize(
    ("button", "wire"),
    [
        (Button("go", url="https://example.com"), {"type": "web_url", "title": "go", "url": "https://example.com"}),
        (Button("go", url="HTTP://x"), {"type": "web_url", "title": "go", "url": "HTTP://x"}),
        (Button("me", url="tg://user?id=7"), {"type": "postback", "title": "me", "payload": "tg://user?id=7"}),
        (Button("call", url="tel:+1555"), {"type": "postback", "title": "call", "payload": "tel:+1555"}),
        (Button("none", url="https://"), {"type": "postback", "title": "none", "payload": "https://"}),
        (Button("odd", url="http://[x"), {"type": "postback", "title": "odd", "payload": "http://[x"}),
        (Button("web", "https://x"), {"type": "postback", "title": "web", "payload": "https://x"}),
        (Button("same"), {"type": "postback", "title": "same", "payload": "same"}),
        (Button("same", ""), {"type": "postback", "title": "same", "payload": "same"}),
        (Button("", "data"), {"type": "postback", "title": "data", "payload": "data"}),
        (Button(" ", url="http://x"), {"type": "web_url", "title": "http://x", "url": "http://x"}),
        (Button("label", " "), {"type": "postback", "title": "label", "payload": "label"}),
        (Button(" " * 20 + "x", " d "), {"type": "postback", "title": "x", "payload": " d "}),
        (Button("", " "), {"type": "postback", "title": "…", "payload": "…"}),
    ],
)
def test_a_button_opens_an_address_or_answers_and_is_never_blank(button: Button, wire: Json) -> None:
    assert MESSENGER.keyboard(((button,),)) == [wire]


def test_data_over_1000_bytes_travels_as_a_token_with_its_message() -> None:
    long, longer = "ü" * 501, "ü" * 502
    keyboard = ((Button("a", long), *row(30)[0], Button("b", longer)),)
    first, second, third = MESSENGER.render(Answer(("one", "two"), keyboard), HOME)
    assert first.stored_callback_data == {}
    assert [list(payload.stored_callback_data.values()) for payload in (second, third)] == [[long], [longer]]
    payload = third.body["message"]["attachment"]["payload"]["elements"][0]["buttons"][-1]["payload"]
    assert callback_tokens.is_token(payload)
    assert third.stored_callback_data == {payload: longer}


def test_data_of_1000_bytes_travels_itself() -> None:
    (payload,) = MESSENGER.render(Answer(("x",), ((Button("a", "ü" * 500),),)), HOME)
    assert payload.stored_callback_data == {}


def test_what_a_database_refuses_is_replaced() -> None:
    keyboard = ((Button("b\ud83d", "c\x00"), Button("d", url="http://e\x00")),)
    (payload,) = MESSENGER.render(Answer(("a\x00&#0;",), keyboard), HOME)
    written = json.dumps(payload.body, ensure_ascii=False)
    assert "\x00" not in written
    written.encode()


def test_a_message_for_another_person_is_the_same_message() -> None:
    (payload,) = MESSENGER.render(Answer(("Hi",), ((Button("a", "x" * 1001),),)), HOME)
    other = MESSENGER.readdress(payload, "8")
    assert other.body == {**payload.body, "recipient": {"id": "8"}}
    assert (other.method, other.stored_callback_data) == (payload.method, payload.stored_callback_data)
