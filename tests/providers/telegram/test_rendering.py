"""Answers as calls of sendMessage."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base.markup import parse, visible
from permabots.providers.base.splitting import shows
from permabots.testing import TelegramServer
from permabots.testing.telegram.html import parse_html
from permabots.values import Address, Answer, Button, Json, Kind, Payload, storable
from tests.providers import fixtures
from tests.providers.markup_texts import any_markup
from tests.providers.telegram.rendering import HOME, REMOVED, TELEGRAM, bodies
from tests.providers.telegram.test_webhook import OURS, parsed
from tests.testing.helpers import send


def test_a_plain_answer_is_one_message_that_quotes_and_takes_an_old_keyboard_away() -> None:
    assert TELEGRAM.render(Answer(("Hi <b>you</b> &amp; me",)), HOME) == [
        Payload(
            "sendMessage",
            {
                "chat_id": 7,
                "text": "Hi <b>you</b> &amp; me",
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
                "reply_parameters": {"message_id": 101, "allow_sending_without_reply": True},
                "reply_markup": REMOVED,
            },
        )
    ]


def test_the_first_part_quotes_and_the_last_has_the_keyboard() -> None:
    answer = Answer(("one", "x" * 4097, "three"), ((Button("k", "k"),),))
    sent = bodies(answer)
    assert [body["text"] for body in sent] == ["one", "x" * 4096, "x", "three"]
    assert ["reply_parameters" in body for body in sent] == [True, False, False, False]
    assert ["reply_markup" in body for body in sent] == [False, False, False, True]


@pytest.mark.parametrize("answer", [Answer(), Answer((" ", "<b>\n</b>")), Answer((), ((Button("a", "a"),),))])
def test_an_answer_without_text_is_no_message(answer: Answer) -> None:
    assert bodies(answer) == []


@pytest.mark.parametrize(("chat", "wire"), [("-1001234567890", -1001234567890), ("7", 7), ("@news", "@news")])
def test_a_chat_is_a_number_or_the_name_of_a_channel(chat: str, wire: int | str) -> None:
    (body,) = bodies(Answer(("Hi",)), Address(chat))
    assert body["chat_id"] == wire
    assert "reply_parameters" not in body


def test_text_is_counted_in_utf16_after_its_markup_is_taken_away() -> None:
    fits = "<b>" + "&lt;" * 4094 + "👍" + "</b>"
    assert len(bodies(Answer((fits,)))) == 1
    assert [len(body["text"]) for body in bodies(Answer(("👍" * 2049,)))] == [2048, 1]


LINK = '<a href="https://e.xy/{}">{}</a> '


@pytest.mark.parametrize(
    "text",
    [
        LINK.format("a" * 400, "word") * 60,
        "<b><i><u><s>x</s></u></i></b> " * 300,
        "".join(f"<i>{'&lt;' * 60}</i>&amp;" for _ in range(60)),
        LINK.format("b" * 9000, "one word"),
        LINK.format("c" * 40_000, "words " * 500),
        "&#x1f600;" * 2048 + "x" * 4096,
    ],
)
def test_a_text_goes_in_parts_that_telegram_takes_and_says_the_same(text: str) -> None:
    with TelegramServer() as server:
        for body in bodies(Answer((text,)), Address("7", "7")):
            assert send(server.url, **body)[0] == 200
        said = "".join(server.texts(7))
    for word in visible(parse(text)).split():
        assert word[:50] in said


@pytest.mark.parametrize("text", ["\u200b", "\u2800 \ufeff", "<b>\u200e</b>", "\U000e0041", "\x01"])
def test_a_text_of_which_nothing_is_seen_is_no_message(text: str) -> None:
    assert bodies(Answer((text,), ((Button("a"),),))) == []
    assert [body["text"] for body in bodies(Answer((text, "seen")))] == ["seen"]


@pytest.mark.parametrize(("address", "markup"), [(Address("-1005", ""), None), (Address("-5", "7"), REMOVED)])
def test_only_an_answer_to_a_person_takes_an_old_keyboard_away(address: Address, markup: Json) -> None:
    (body,) = bodies(Answer(("Hi",)), address)
    assert body.get("reply_markup") == markup


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(("<b>a</b> &amp; <a href='https://e.xy/'>b</a>",)), "a & b (https://e.xy/)"),
        (Answer(("a",), ((Button("go", url="https://e.xy/"), Button("no")),)), "a\ngo: https://e.xy/\nno"),
        (Answer(("<a href='https://e.xy/'>x</a>" + "y" * 4094,), ((Button("long"),),)), "x" + "y" * 4094),
    ],
)
def test_the_plainest_form_says_all_in_words(answer: Answer, text: str) -> None:
    (payload,) = TELEGRAM.render(answer, HOME)
    plainer = TELEGRAM.plainest(payload, "Bad Request: BUTTON_URL_INVALID")
    assert plainer is not None
    assert plainer.body == {
        "chat_id": 7,
        "text": text,
        "link_preview_options": {"is_disabled": True},
        "reply_parameters": payload.body["reply_parameters"],
    }
    shown = TELEGRAM.preview(replace(plainer, plain=True))
    assert [(it.text, it.markup) for it in shown] == [(text, False)]


def test_a_call_that_is_no_message_has_no_plainest_form() -> None:
    call = Payload("answerCallbackQuery", {"callback_query_id": "1"}, optional=True)
    assert TELEGRAM.plainest(call, "Bad Request: anything") is None


def test_where_the_topic_is_gone_the_same_is_sent_without_it() -> None:
    (payload,) = TELEGRAM.render(Answer(("<b>a</b>",)), Address("7", topic="5"))
    elsewhere = {name: value for name, value in payload.body.items() if name != "message_thread_id"}
    assert elsewhere != payload.body
    for words in ("Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED", "Bad Request: TOPIC_DELETED"):
        assert TELEGRAM.without_topic(payload, words) == replace(payload, body=elsewhere)
        assert TELEGRAM.without_topic(replace(payload, body=elsewhere), words) is None
    assert TELEGRAM.without_topic(payload, "Bad Request: BUTTON_URL_INVALID") is None


def test_what_a_database_refuses_is_replaced() -> None:
    (payload,) = TELEGRAM.render(
        Answer(("a\x00",), ((Button("b\ud83d", "c\x00"), Button("d", url="http://e\x00")),)), HOME
    )
    assert "\x00" not in json.dumps(payload.body, ensure_ascii=False)
    json.dumps(payload.body, ensure_ascii=False).encode()


def test_a_moved_chat_gets_the_same_message_in_its_topic_that_quotes_nothing() -> None:
    (payload,) = TELEGRAM.render(Answer(("Hi",)), Address("-40", "7", "101", "77"))
    moved = TELEGRAM.readdress(payload, "-1001")
    assert moved.body == {**{k: v for k, v in payload.body.items() if k != "reply_parameters"}, "chat_id": -1001}
    assert moved.method == "sendMessage"


def test_a_call_without_a_chat_stays_as_it_is() -> None:
    payload = Payload("answerCallbackQuery", {"callback_query_id": "1"}, optional=True)
    assert TELEGRAM.readdress(payload, "-1001") == payload


def test_a_press_is_acknowledged_by_a_call_that_may_fail() -> None:
    event = parsed(fixtures.content("telegram", "callback_query"))
    query_id = {"callback_query_id": "220049123456789012"}
    assert TELEGRAM.acknowledge(event) == [Payload("answerCallbackQuery", query_id, optional=True)]


@pytest.mark.parametrize("name", ["text", "callback_query_game"])
def test_nothing_else_is_acknowledged(name: str) -> None:
    event = parsed(fixtures.content("telegram", name), OURS)
    assert event.kind is not Kind.BUTTON
    assert TELEGRAM.acknowledge(event) == []


@pytest.mark.parametrize(("chat", "person"), [("7", "7"), ("-1001234567890", ""), ("@news", ""), ("", "")])
def test_a_private_chat_has_its_persons_id(chat: str, person: str) -> None:
    assert TELEGRAM.user_of_private_chat(chat) == person


@given(st.lists(any_markup(), max_size=4))
def test_every_text_is_accepted_by_a_strict_parser_and_shows_what_was_meant(texts: list[str]) -> None:
    shown = [parse_html(body["text"])[0] for body in bodies(Answer(tuple(texts)))]
    meant = [visible(parse(storable(text))) for text in texts]
    assert shown == [text for text in meant if shows(text)]
