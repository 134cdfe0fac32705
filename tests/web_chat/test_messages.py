"""What a person says in a web chat is answered there, once and in order."""

from __future__ import annotations

from uuid import uuid4

import pytest

from permabots.models import InboundMessage, WebMessage
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_a_text_is_answered() -> None:
    person = Person(make_chat())
    assert person.say("hello") == 1
    work()
    assert person.texts() == ["p:hello", "b:Hi"]
    assert person.call("GET", "messages/?after=2").status_code == 204


def test_a_press_says_the_data_of_a_button_that_stays_on_the_server() -> None:
    person = Person(make_chat())
    person.say("hello")
    work()
    assert person.see()[1]["keyboard"] == [[{"label": "one"}, {"label": "two"}]]
    assert person.post(press=[2, 0, 1]).status_code == 202
    assert person.texts()[-1] == "p:two"
    assert InboundMessage.objects.last().text == "two"


@pytest.mark.parametrize("press", [[1, 0, 0], [2, 0, 2], [2, 1, 0], [3, 0, 0]])
def test_a_button_that_is_not_there_cannot_be_pressed(press: list[int]) -> None:
    person = Person(make_chat())
    person.say("hello")
    work()
    assert person.post(press=press).status_code == 404


def test_a_message_that_is_posted_again_is_stored_once() -> None:
    person = Person(make_chat())
    person.say("hello")
    same = str(uuid4())
    numbers = [person.post(id=same, text="again").json()["number"] for _ in range(2)]
    assert numbers == [2, 2]
    assert WebMessage.objects.count() == InboundMessage.objects.count() == 2


def test_a_first_message_that_is_posted_again_without_the_token_is_stored_once() -> None:
    person, same = Person(make_chat()), str(uuid4())
    tokens = [person.call("POST", "messages/", {"id": same, "text": "hello"}, token="").json()["token"] for _ in "ab"]
    work()
    assert WebMessage.objects.count() == 2
    for person.token in tokens:
        assert person.texts() == ["p:hello", "b:Hi"]


def test_another_first_message_is_somebody_else() -> None:
    chat = make_chat()
    for _ in range(2):
        Person(chat).say("hello")
    assert chat.visitors.count() == 2
