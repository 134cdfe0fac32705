"""A thread of the web process answers: no worker, no broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from permabots import answering_here, broker, tasks
from permabots.models import OutboundMessage, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from tests.factories import make_bot, make_handler, make_telegram
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

PATIENCE = 30.0


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that a broker would have got."""
    names: list[str] = []
    monkeypatch.setattr(broker, "publish", lambda task, *_, **__: bool(names.append(task.name)) or True)
    return names


@pytest.fixture
def _here(settings: Any) -> Iterator[None]:
    settings.PERMABOTS = {"WEBCHAT_ANSWER_HERE": True}
    yield
    answering_here.end(PATIENCE)
    answering_here.bulkhead.close()


def wait_for(person: Person, count: int) -> list[str]:
    """Poll as a page does, until there are so many messages."""
    until = time.monotonic() + PATIENCE
    while len(texts := person.texts()) < count:
        assert time.monotonic() < until, texts
        person.call("GET", "messages/?after=0&waiting=1")
        time.sleep(0.05)
    return texts


@pytest.mark.usefixtures("_here")
def test_an_answer_comes_without_a_worker_and_nothing_is_published(published: list[str]) -> None:
    person = Person(make_chat())
    person.say("hello")
    assert wait_for(person, 2) == ["p:hello", "b:Hi"]
    assert published == []


@pytest.mark.usefixtures("_here")
def test_people_who_talk_at_once_are_all_answered_in_order(published: list[str]) -> None:
    chat = make_chat()
    people = [Person(chat) for _ in range(4)]
    for _ in range(3):
        for person in people:
            person.say("hello")
    for person in people:
        texts = wait_for(person, 6)
        assert (texts.count("p:hello"), texts.count("b:Hi"), len(texts)) == (3, 3, 6)
    assert not OutboundMessage.objects.filter(attempts__gt=1).exists()


@pytest.mark.usefixtures("_here")
def test_a_worker_beside_it_does_no_harm(published: list[str]) -> None:
    person = Person(make_chat())
    for _ in range(5):
        person.say("hello")
        work()
    texts = wait_for(person, 10)
    assert (texts.count("b:Hi"), len(texts)) == (5, 10)


def test_what_an_earlier_process_left_behind_is_found_once_a_page_waits(published: list[str], settings: Any) -> None:
    person = Person(make_chat())
    person.say("hello")
    assert published == ["permabots.drain"]
    settings.PERMABOTS = {"WEBCHAT_ANSWER_HERE": True}
    try:
        assert wait_for(person, 2) == ["p:hello", "b:Hi"]
    finally:
        answering_here.end(PATIENCE)
        answering_here.bulkhead.close()
    assert published == ["permabots.drain"]


@pytest.mark.usefixtures("_here")
def test_a_hook_tells_people_in_web_chats(published: list[str]) -> None:
    chat = make_chat()
    person = Person(chat)
    person.say("hello")
    wait_for(person, 2)
    hook = create_hook(chat.bot, {"name": "news", "response": {"text_template": "Order {{ data.id }}"}})
    who = chat.visitors.get()
    Recipient.objects.create(hook=hook, provider="web", chat_id=who.chat_id, name="Ann")
    tasks.notify(hook, {"id": 5})
    assert wait_for(person, 3)[-1] == "b:Order 5"
    assert published == []


@pytest.mark.usefixtures("_here")
def test_workers_are_woken_for_other_messengers(published: list[str]) -> None:
    bot = make_bot()
    make_handler(bot, "hello", "Hi")
    tasks.wake(make_telegram(bot).bot.conversations.create(provider="telegram", chat_id="7").pk, "telegram")
    assert published == ["permabots.drain"]


@pytest.mark.parametrize(("wanted", "debug", "is_on"), [(None, True, True), (None, False, False), (False, True, False)])
def test_it_is_on_where_the_project_is_developed(settings: Any, wanted: Any, debug: bool, is_on: bool) -> None:
    settings.PERMABOTS, settings.DEBUG = {"WEBCHAT_ANSWER_HERE": wanted}, debug
    assert answering_here.is_on() == is_on
