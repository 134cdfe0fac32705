"""Signals name their table, and a bot with a long past is deleted without reading it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model, signals
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from permabots.models import Bot, Conversation, InboundMessage, Notification, OutboundMessage, traffic
from tests.factories import make_bot, make_conversation, make_inbound, make_outbound, make_telegram

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

SIGNALS = ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")


def ours(signal: Any, sender: type[Model] | None) -> Iterator[str]:
    """Yield our receivers among those that a sender's signal reaches."""
    for found in signal._live_receivers(sender)[0]:
        if (module := getattr(found, "__module__", "")).startswith("permabots"):
            yield f"{module}.{found.__qualname__}"


@pytest.mark.parametrize("name", SIGNALS)
def test_no_receiver_of_ours_hears_of_other_peoples_tables(name: str) -> None:
    for table in (Group, Session):
        assert list(ours(getattr(signals, name), table)) == []


def test_a_projects_own_rows_are_deleted_in_one_statement(django_assert_num_queries: Any) -> None:
    for key in "abc":
        Session.objects.create(session_key=key, expire_date=timezone.now())
    with django_assert_num_queries(1):
        Session.objects.all().delete()


def past(messages: int) -> Bot:
    """Return a bot with so many messages behind it."""
    bot: Bot = make_telegram().bot
    notice = Notification.objects.create(bot=bot)
    for number in range(messages):
        talk = make_conversation(bot, chat_id=str(number + 1))
        make_outbound(talk, inbound=make_inbound(talk, number))
        make_outbound(talk, notification=notice)
    return bot


@pytest.mark.parametrize("delete", [Bot.delete, lambda bot: Bot.objects.filter(pk=bot.pk).delete()])
def test_a_bot_is_deleted_without_reading_what_was_said(delete: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "BATCH", 2)
    bot, other = past(5), past(1)
    with CaptureQueriesContext(connection) as queries:
        delete(bot)
    read = [it["sql"] for it in queries if it["sql"].startswith("SELECT")]
    assert not [sql for sql in read if '"raw"' in sql or '"payload"' in sql or '"trace"' in sql]
    assert [row.bot_id for row in InboundMessage.objects.all()] == [other.pk]
    assert OutboundMessage.objects.count() == 2
    assert Conversation.objects.count() == 1
    assert Bot.objects.get() == other


def test_a_user_is_deleted_with_their_bots_without_reading_what_was_said() -> None:
    bot = past(3)
    with CaptureQueriesContext(connection) as queries:
        bot.owner.delete()
    assert not [it["sql"] for it in queries if it["sql"].startswith("SELECT") and '"raw"' in it["sql"]]
    assert not InboundMessage.objects.exists()


def test_a_bot_without_a_past_is_deleted() -> None:
    make_bot().delete()
    assert not Bot.objects.exists()
