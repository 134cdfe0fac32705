"""Answers as calls of /v1/message. Those marked as recorded were sent by permabots 2.2.3."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base.markup import plain
from permabots.providers.base.splitting import shows
from permabots.providers.kik.provider import Kik
from permabots.providers.kik.rendering import MORE
from permabots.values import Address, Answer, Button, Json, Keyboard, Payload, storable
from tests.providers.kik.test_webhook import parsed
from tests.providers.markup_texts import any_markup

KIK = Kik()
JOE = Address("c1", "joe")


def sent(answer: Answer, address: Address = JOE) -> list[Json]:
    """Return the messages of all calls."""
    return [message for payload in KIK.render(answer, address) for message in payload.body["messages"]]


def labels(message: Json) -> list[str]:
    return [response["body"] for board in message.get("keyboards", []) for response in board["responses"]]


def buttons(count: int) -> Keyboard:
    return tuple((Button(f"m{number}", f"data {number}"),) for number in range(count))


def test_a_plain_answer_is_one_message_as_recorded() -> None:
    (payload,) = KIK.render(Answer(("Hi from kik",)), JOE)
    assert payload == Payload(
        "message", {"messages": [{"type": "text", "chatId": "c1", "to": "joe", "body": "Hi from kik"}]}
    )


def test_a_keyboard_is_suggested_responses_of_labels_on_the_last_message_as_recorded() -> None:
    one, two = sent(Answer(("one", "two"), ((Button("a", "a"), Button("b", "B")), (Button("c"),))))
    assert one == {"type": "text", "chatId": "c1", "to": "joe", "body": "one"}
    assert two["keyboards"] == [
        {
            "to": "joe",
            "type": "suggested",
            "responses": [{"type": "text", "body": "a"}, {"type": "text", "body": "b"}, {"type": "text", "body": "c"}],
        }
    ]


def test_a_button_with_an_address_shows_its_label_as_recorded() -> None:
    (message,) = sent(Answer(("juan",), ((Button("juan", "juan"), Button("site", url="http://x")),)))
    assert labels(message) == ["juan", "site"]


def test_a_tapped_label_comes_back_as_the_text() -> None:
    (message,) = sent(Answer(("Pick",), ((Button("Go back", "menu:1"),),)))
    (label,) = labels(message)
    assert parsed({"type": "text", "id": "1", "chatId": "c1", "from": "joe", "timestamp": 1, "body": label}).text == (
        "Go back"
    )


@pytest.mark.parametrize("rows", [(), ((),), ((), ())])
def test_a_keyboard_of_no_buttons_is_none(rows: Keyboard) -> None:
    (message,) = sent(Answer(("T",), rows))
    assert "keyboards" not in message
    assert KIK.keyboard(rows) == []


@pytest.mark.parametrize("answer", [Answer(), Answer((" ", "<b>\n</b>")), Answer((), ((Button("a", "a"),),))])
def test_an_answer_without_text_is_no_call(answer: Answer) -> None:
    assert KIK.render(answer, JOE) == []


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("<b>author1</b><i>author2</i> 200", "author1author2 200"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ('see <a href="https://example.com/a?b=1&amp;c=2">this</a>', "see this (https://example.com/a?b=1&c=2)"),
    ],
)
def test_markup_becomes_plain_text(text: str, body: str) -> None:
    assert [message["body"] for message in sent(Answer((text,)))] == [body]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("x" * 1000, [1000]), ("x" * 1001, [1000, 1]), ("<b>" + "&lt;" * 1000 + "</b>", [1000]), ("👍" * 1001, [1000, 1])],
)
def test_a_text_is_cut_at_1000_characters_of_what_is_seen(text: str, lengths: list[int]) -> None:
    assert [len(message["body"]) for message in sent(Answer((text,)))] == lengths


@pytest.mark.parametrize(("parts", "calls"), [(1, [1]), (5, [5]), (6, [5, 1]), (12, [5, 5, 2])])
def test_a_call_has_at_most_5_messages_and_the_calls_keep_the_order(parts: int, calls: list[int]) -> None:
    texts = tuple(f"part {number}" for number in range(parts))
    payloads = KIK.render(Answer(texts), JOE)
    assert [len(payload.body["messages"]) for payload in payloads] == calls
    assert [message["body"] for payload in payloads for message in payload.body["messages"]] == list(texts)


def test_buttons_over_20_go_with_further_messages_of_no_words() -> None:
    messages = sent(Answer(("Hi", "Pick"), buttons(45)))
    assert [message["body"] for message in messages] == ["Hi", "Pick", MORE, MORE]
    assert [len(labels(message)) for message in messages] == [0, 20, 20, 5]
    assert [label for message in messages for label in labels(message)] == [f"m{number}" for number in range(45)]


def test_messages_of_buttons_alone_count_for_the_call_too() -> None:
    payloads = KIK.render(Answer(("1", "2", "3", "4", "5"), buttons(21)), JOE)
    assert [len(payload.body["messages"]) for payload in payloads] == [5, 1]
    assert labels(payloads[1].body["messages"][0]) == ["m20"]


def test_rows_in_kiks_form_are_keyboards_for_whoever_gets_them() -> None:
    first, second = KIK.keyboard(buttons(21))
    assert (first["type"], len(first["responses"])) == ("suggested", 20)
    assert second == {"type": "suggested", "responses": [{"type": "text", "body": "m20"}]}


def test_where_the_person_is_not_known_nobody_is_named() -> None:
    (message,) = sent(Answer(("Hi",), buttons(1)), Address("c1"))
    assert "to" not in message
    assert "to" not in message["keyboards"][0]


def test_nothing_is_quoted() -> None:
    assert sent(Answer(("Hi",)), Address("c1", "joe", "m1")) == sent(Answer(("Hi",)))


def test_what_a_database_refuses_is_replaced() -> None:
    (payload,) = KIK.render(Answer(("a\x00\ud83d",), ((Button("b\ud83d\x00", "c"),),)), JOE)
    json.dumps(payload.body, ensure_ascii=False).encode()
    assert "\x00" not in json.dumps(payload.body, ensure_ascii=False)


def test_a_moved_chat_gets_the_same_messages() -> None:
    (payload,) = KIK.render(Answer(("one", "two"), buttons(1)), JOE)
    moved = KIK.readdress(payload, "c2")
    assert moved == KIK.render(Answer(("one", "two"), buttons(1)), Address("c2", "joe"))[0]
    assert payload.body["messages"][0]["chatId"] == "c1"


@pytest.mark.parametrize("chat", ["c1", ""])
def test_a_chats_id_does_not_say_who_is_in_it(chat: str) -> None:
    assert KIK.user_of_private_chat(chat) == ""


def test_no_message_is_acknowledged() -> None:
    event = parsed({"type": "text", "id": "1", "chatId": "c1", "from": "joe", "timestamp": 1, "body": "Yes"})
    assert KIK.acknowledge(event) == []


LONG = st.builds(str.__mul__, any_markup(), st.integers(1, 60))
ROWS = st.lists(st.lists(st.text(min_size=1, max_size=8).map(Button), max_size=30).map(tuple), max_size=4).map(tuple)


@given(st.lists(any_markup() | LONG, max_size=8), ROWS)
def test_no_limit_is_exceeded_and_nothing_is_lost(texts: list[str], rows: Keyboard) -> None:
    payloads = KIK.render(Answer(tuple(texts), rows), JOE)
    messages = [message for payload in payloads for message in payload.body["messages"]]
    assert all(1 <= len(payload.body["messages"]) <= 5 for payload in payloads)
    assert all(0 < len(message["body"]) <= 1000 for message in messages)
    assert all(len(labels(message)) <= 20 for message in messages)

    written = [storable(button.label) for row in rows for button in row]
    wanted = [label if shows(label) else MORE for label in written] if messages else []
    assert [label for message in messages for label in labels(message)] == wanted
    extra = max((len(wanted) - 1) // 20, 0)
    said = [message["body"] for message in messages[: len(messages) - extra]]
    assert [message["body"] for message in messages[len(said) :]] == [MORE] * extra
    assert not any(labels(message) for message in messages[: len(said) - 1])
    # Nothing but what cannot be seen is left out.
    assert "".join(filter(shows, "".join(said))) == "".join(
        filter(shows, "".join(storable(plain(text)) for text in texts))
    )
