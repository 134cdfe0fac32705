"""An answer is in the web chat once, whatever happens to the worker that sends it; whoever left is not told."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models import F

from permabots.models import Chat, OutboundMessage, Recipient, WebMessage, WebSession, WebVisitor
from permabots.pipeline.authoring.configuration import create_hook
from permabots.values import Receipt
from tests.factories import tell
from tests.pipeline.test_worker_deaths import killed, time_passes
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


MARK = "permabots.pipeline.sending.results.mark_sent"
"""What a worker does once a message is stored."""


def test_an_answer_is_there_once_though_its_worker_was_killed_before_it_could_note_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = Person(make_chat())
    person.say("hello")
    with killed(monkeypatch, MARK):
        work()
    assert person.texts() == ["p:hello", "b:Hi"]
    assert OutboundMessage.objects.get().status == "started"
    time_passes()
    work()
    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts, row.provider_message_id) == ("sent", 2, "2")
    assert person.texts() == ["p:hello", "b:Hi"]


def test_what_comes_after_a_repeated_answer_has_the_next_number(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(make_chat())
    person.say("hello")
    with killed(monkeypatch, MARK):
        work()
    person.say("hello")
    time_passes()
    work()
    assert [it["number"] for it in person.see()] == [1, 2, 3, 4]
    assert person.texts() == ["p:hello", "b:Hi", "p:hello", "b:Hi"]


def test_workers_that_send_the_same_call_at_once_store_one_message() -> None:
    person = Person(chat := make_chat())
    person.say("hello")
    work()
    call = OutboundMessage.objects.get().call()
    WebMessage.objects.filter(author="bot").delete()
    start, receipts = Barrier(4), list[Receipt]()

    def send() -> None:
        start.wait()
        receipts.append(chat.client().send(call, 5.0))
        connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 4
    assert len(set(receipts)) == 1
    assert WebMessage.objects.filter(author="bot").count() == 1


def test_an_answer_to_whoever_has_asked_to_be_forgotten_is_parked_and_the_chat_is_gone() -> None:
    person = Person(make_chat())
    person.say("hello")
    WebVisitor.objects.all().delete()
    work()
    row = OutboundMessage.objects.get()
    assert (row.status, row.error.startswith("RecipientGone")) == ("parked", True)
    assert Chat.objects.get().gone is not None
    assert not WebMessage.objects.exists()


def test_somebody_whose_session_has_expired_is_gone() -> None:
    person = Person(make_chat())
    person.say("hello")
    WebSession.objects.update(expires_at=F("expires_at") - timedelta(days=400))
    work()
    assert OutboundMessage.objects.get().status == "parked"
    assert Chat.objects.get().gone is not None


def test_a_hook_tells_people_who_are_there_and_no_one_who_is_gone() -> None:
    chat = make_chat()
    here, gone = Person(chat), Person(chat)
    for person in (here, gone):
        person.say("hello")
    work()
    hook = create_hook(chat.bot, {"name": "news", "response": {"text_template": "Hi {{ recipient.name }}"}})
    for visitor in WebVisitor.objects.order_by("pk"):
        Recipient.objects.create(hook=hook, provider="web", chat_id=visitor.chat_id, name=f"{visitor.pk}")
    last = WebVisitor.objects.order_by("pk").last()
    last.sessions.all().delete()
    for _ in range(2):
        tell(hook.notifications.create(bot=chat.bot, data={}))
    first = WebVisitor.objects.order_by("pk").first()
    assert here.texts()[2:] == [f"b:Hi {first.pk}"] * 2
    told = OutboundMessage.objects.filter(recipient__chat_id=last.chat_id).order_by("pk")
    assert [row.status for row in told] == ["parked", "skipped"]
