"""What an open chat asks all the time costs little, and says the same as any other call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from permabots.models import WebBot, WebSession
from permabots.pipeline.authoring.integrations import detach
from tests.factories import make_bot
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db


def reader(chat: WebBot | None = None) -> Person:
    """Somebody who has said something and was answered: messages 1 and 2."""
    person = Person(chat or make_chat())
    person.say("hello")
    work()
    return person


def test_a_poll_that_finds_nothing_asks_the_database_once() -> None:
    person = reader()
    with CaptureQueriesContext(connection) as asked:
        answer = person.call("GET", "messages/?after=2")
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(asked) == (1 if connection.vendor == "postgresql" else 2)


def test_a_poll_that_finds_nothing_may_be_kept_by_nobody() -> None:
    answer = reader().call("GET", "messages/?after=2")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_poll_from_further_back_gets_what_is_new() -> None:
    assert [it["number"] for it in reader().see(1)] == [2]


def test_nobody_polls_a_chat_that_is_disabled() -> None:
    person = reader()
    person.chat.enabled = False
    person.chat.save()
    assert person.call("GET", "messages/?after=2").status_code == 404


def test_nobody_polls_a_chat_that_was_removed() -> None:
    person = reader()
    detach(person.chat.bot, "web")
    assert person.call("GET", "messages/?after=2").status_code == 404


def test_a_token_is_for_its_own_chat() -> None:
    person, other = reader(), make_chat(make_bot(name="other"))
    person.address = f"/chat/{other.slug}/"
    assert person.call("GET", "messages/?after=2").status_code == 401


def test_an_expired_session_polls_no_more() -> None:
    person = reader()
    WebSession.objects.update(expires_at=F("created_at") - timedelta(days=1))
    assert person.call("GET", "messages/?after=2").status_code == 401


def test_an_unknown_token_polls_nothing() -> None:
    person = reader()
    assert person.call("GET", "messages/?after=2", token="unknown").status_code == 401


@pytest.mark.parametrize("after", ["x", "-1", "1" * 20])
def test_a_number_that_is_none_is_refused(after: str) -> None:
    assert reader().call("GET", f"messages/?after={after}").status_code == 400
