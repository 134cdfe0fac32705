"""What a person says in a web chat is answered there, once and in order."""

from __future__ import annotations

import secrets
from uuid import uuid4

import pytest

from permabots.models import InboundMessage, WebMessage, WebVisitor
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


def test_a_first_message_whose_answer_was_lost_is_posted_again_and_stored_once() -> None:
    person, own = Person(make_chat()), secrets.token_urlsafe(32)
    first = {"id": str(uuid4()), "text": "hello", "new_token": own}
    told = [person.call("POST", "messages/", first, token="").json() for _ in "ab"]
    assert [it["token"] for it in told] == [own, own]
    work()
    person.token = own
    assert person.texts() == ["p:hello", "b:Hi"]


@pytest.mark.parametrize("token", ["short", "a" * 44, "ä" * 43, 7, ["a" * 43]])
def test_a_token_that_could_be_guessed_is_refused(token: object) -> None:
    assert Person(make_chat()).post(text="hello", new_token=token).status_code == 400
    assert not WebVisitor.objects.exists()


def test_who_knows_the_id_of_a_message_and_of_its_chat_knows_no_way_into_the_conversation() -> None:
    person, same = Person(make_chat()), str(uuid4())
    person.post(id=same, text="a secret")
    stranger = Person(person.chat)
    known = WebVisitor.objects.get().chat_id.removeprefix("v:")
    assert same not in known
    for guessed in (same, known):
        assert stranger.call("POST", "messages/", {"id": guessed, "text": "x"}, token="").status_code == 202
    assert person.texts() == ["p:a secret"]
    assert WebVisitor.objects.count() == 3


def test_a_press_without_a_conversation_leaves_nothing_behind() -> None:
    assert Person(make_chat()).post(press=[1, 0, 0]).status_code == 401
    assert not WebVisitor.objects.exists()


def test_another_first_message_is_somebody_else() -> None:
    chat = make_chat()
    for _ in range(2):
        Person(chat).say("hello")
    assert chat.visitors.count() == 2
