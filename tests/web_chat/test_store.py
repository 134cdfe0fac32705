"""Storing an answer for the page: one statement on PostgreSQL, and one message for a key whoever stores it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from permabots.exceptions import RecipientGone
from permabots.models import WebMessage, WebSession, WebVisitor
from permabots.values import Payload, Receipt
from tests.web_chat.talking import Person, make_chat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def visitor() -> WebVisitor:
    """Somebody who has said something: number 1."""
    Person(make_chat()).say("hello")
    return WebVisitor.objects.get()


def answer(key: str, markup: str = "Hi") -> dict[str, Any]:
    return {"body": {"markup": markup, "keyboard": [[{"label": "one", "data": "1"}]]}, "key": key}


def send(person: WebVisitor, key: str, markup: str = "Hi") -> Receipt:
    values = answer(key, markup)
    payload = Payload("message", {"chat": person.chat_id, **values["body"]}, key=key)
    return person.web_bot.client().send(payload, 5.0)


def test_an_answer_is_stored_with_the_next_number() -> None:
    person = visitor()
    assert [send(person, key).message_id for key in ("a", "b")] == ["2", "3"]
    rows = WebMessage.objects.filter(author="bot").order_by("number").values("body", "key")
    assert list(rows) == [answer("a"), answer("b")]


def test_it_takes_one_statement_on_postgresql() -> None:
    person = visitor()
    client = person.web_bot.client()
    with CaptureQueriesContext(connection) as asked:
        client.send(Payload("message", {"chat": person.chat_id, "markup": "Hi", "keyboard": []}, key="a"), 5.0)
    assert len(asked) == 1 or connection.vendor != "postgresql"


def test_the_same_key_is_the_same_message() -> None:
    person = visitor()
    first = send(person, "a")
    send(person, "b")
    assert send(person, "a", "something else") == first
    assert list(WebMessage.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    person.refresh_from_db()
    assert person.last == 3


def test_whoever_has_no_session_any_more_is_gone() -> None:
    person = visitor()
    WebSession.objects.update(expires_at=F("created_at") - timedelta(days=1))
    with pytest.raises(RecipientGone):
        send(person, "a")


def test_whoever_a_site_has_signed_needs_no_session() -> None:
    person = visitor()
    signed = WebVisitor.objects.create(web_bot=person.web_bot, chat_id="i:ann")
    assert send(signed, "a").message_id == "1"
