"""``permabots_purge`` deletes what a web chat holds in place of a messenger's server, once nobody needs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from permabots.models import Recipient, WebBot, WebMessage, WebSession, WebVisitor
from permabots.models.traffic import delete_traffic
from permabots.pipeline.authoring import removals
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.authoring.integrations import attach, detach
from permabots.pipeline.operating.retention import forget_stored
from tests.test_commands import run
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

OLD = timedelta(days=100)
CUTOFF = timezone.now() - timedelta(days=90)


@pytest.fixture
def person() -> Person:
    """Somebody who was answered."""
    person = Person(make_chat())
    person.say("hello")
    work()
    return person


def grow_old() -> None:
    """Have all that people said be a hundred days old, and so all that they are."""
    for table, column in ((WebMessage, "created_at"), (WebVisitor, "created_at"), (WebSession, "expires_at")):
        table.objects.update(**{column: F(column) - OLD})


def left() -> tuple[int, int, int]:
    return WebMessage.objects.count(), WebSession.objects.count(), WebVisitor.objects.count()


def test_old_messages_go_and_young_ones_stay(person: Person) -> None:
    WebMessage.objects.update(created_at=F("created_at") - OLD)
    person.say("hello")
    assert forget_stored(CUTOFF, batch=1) == 2
    assert person.texts() == ["p:hello"]
    assert person.see()[0]["number"] == 3


def test_whoever_has_a_session_stays_without_messages(person: Person) -> None:
    WebMessage.objects.update(created_at=F("created_at") - OLD)
    WebVisitor.objects.update(created_at=F("created_at") - OLD)
    forget_stored(CUTOFF, batch=10)
    assert left() == (0, 1, 1)
    assert person.say("hello") == 3


def test_of_somebody_who_does_not_come_back_nothing_is_kept(person: Person) -> None:
    grow_old()
    assert forget_stored(CUTOFF, batch=1) == 4
    assert left() == (0, 0, 0)


def test_an_expired_session_goes_and_its_visitors_messages_stay_until_they_are_old(person: Person) -> None:
    WebSession.objects.update(expires_at=F("expires_at") - OLD)
    forget_stored(CUTOFF, batch=10)
    assert left() == (2, 0, 1)


def test_somebody_whom_a_site_has_signed_stays_while_a_hook_tells_them(person: Person) -> None:
    chat: Any = WebBot.objects.get()
    for name in ("told", "untold"):
        WebVisitor.objects.create(web_bot=chat, chat_id=f"i:{name}")
    hook = create_hook(chat.bot, {"name": "news", "response": {"text_template": "x"}})
    Recipient.objects.create(hook=hook, provider="web", chat_id="i:told", name="x")
    grow_old()
    forget_stored(CUTOFF, batch=10)
    assert [row.chat_id for row in WebVisitor.objects.all()] == ["i:told"]


def test_a_dry_run_counts_and_deletes_nothing(person: Person) -> None:
    grow_old()
    assert forget_stored(CUTOFF, batch=1, dry_run=True) == 3
    assert left() == (2, 1, 1)


def test_the_command_says_how_much(person: Person) -> None:
    grow_old()
    assert "4 rows of chats that are kept here" in run("permabots_purge", "--days", "90")
    assert left() == (0, 0, 0)


@pytest.mark.parametrize("replace", [False, True])
def test_what_a_disconnected_or_replaced_chat_holds_goes_in_batches(
    person: Person, replace: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("permabots.models.traffic.BATCH", 1)
    if replace:
        attach(person.chat.bot, "web", {"slug": "another"})
    else:
        detach(person.chat.bot, "web")
    removals.finish()
    assert left() == (0, 0, 0)
    assert WebBot.objects.count() == int(replace)


def test_what_a_deleted_bots_chat_holds_goes_and_another_bots_stays(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Person(make_chat())
    other.say("hello")
    monkeypatch.setattr("permabots.models.traffic.BATCH", 1)
    delete_traffic([person.chat.bot.pk])
    assert left() == (1, 1, 1)
    assert other.texts() == ["p:hello"]
