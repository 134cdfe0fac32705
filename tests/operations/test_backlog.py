"""What waits and what was given up, counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from permabots.models import Conversation, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.operating import backlog
from permabots.pipeline.operating.backlog import Backlog
from tests.ends import make_answer, make_message
from tests.factories import make_bot, make_conversation, make_inbound, make_telegram, tell

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def ago(row: Any, seconds: float) -> Any:
    column = "received_at" if isinstance(row, InboundMessage) else "created_at"
    type(row).objects.filter(pk=row.pk).update(**{column: timezone.now() - timedelta(seconds=seconds)})
    return row


def nobody_was_there() -> None:
    """Have it be as if no worker had looked at a conversation yet."""
    Conversation.objects.update(lease_expires_at=None)


def rounded(found: list[Backlog]) -> list[tuple[str, str, str, int, int, str]]:
    return [(one.kind, one.provider, one.status, one.rows, round(one.seconds, -1), one.bot) for one in found]


def test_nothing_waits_at_first() -> None:
    assert backlog.count() == []
    assert backlog.oldest() == 0.0


def test_rows_are_counted_by_kind_provider_and_status_with_the_age_of_the_oldest() -> None:
    bot = make_telegram().bot
    ago(make_message(bot, "parked"), 500)
    started = make_answer(bot, "started", "pending").outbound.get(part=0)
    ago(started, 50)
    ago(make_message(bot, "pending"), 100)
    make_message(bot, "pending")
    Notification.objects.create(bot=bot)
    assert rounded(backlog.count()) == [
        ("inbound", "telegram", "pending", 2, 100, ""),
        ("inbound", "telegram", "parked", 1, 500, ""),
        ("outbound", "telegram", "pending", 1, 0, ""),
        ("outbound", "telegram", "started", 1, 50, ""),
        ("notification", "", "pending", 1, 0, ""),
    ]
    assert round(backlog.oldest()) == 0  # a worker was there a moment ago
    nobody_was_there()
    assert round(backlog.oldest(), -1) == 100


def test_bots_are_counted_apart_even_of_one_name() -> None:
    for owner in range(2):
        talk = make_conversation(make_bot(name="shop"), chat_id=str(owner))
        make_inbound(talk, owner)
    make_inbound(make_conversation(make_bot(name="bank")), 5)
    found = [(one.bot, one.rows) for one in backlog.count(by_bot=True)]
    assert found == [("bank", 1), ("shop", 1), ("shop", 1)]


def test_what_has_to_wait_is_as_old_as_the_time_since_it_was_due_again() -> None:
    row = ago(make_answer(make_telegram().bot, "pending").outbound.get(), 900)
    Conversation.objects.update(not_before=timezone.now() - timedelta(seconds=20))
    nobody_was_there()
    assert round(backlog.oldest(), -1) == 20
    Conversation.objects.update(not_before=timezone.now() + timedelta(seconds=300))
    assert backlog.oldest() == 0.0
    assert OutboundMessage.objects.unfinished().get() == row


def test_what_was_given_up_does_not_wait() -> None:
    ago(make_message(make_telegram().bot, "parked"), 900)
    assert backlog.oldest() == 0.0


def test_a_notification_that_waits_for_its_place_is_not_late() -> None:
    talk = make_conversation()
    hook = create_hook(talk.bot, {"name": "h", "key": "K", "response": {"text_template": "x", "keyboard_template": ""}})
    first, second = (ago(Notification.objects.create(bot=talk.bot, hook=hook), 900) for _ in range(2))
    assert round(backlog.oldest(), -1) == 900
    Notification.objects.filter(pk=first.pk).update(not_before=timezone.now() + timedelta(seconds=60))
    assert backlog.oldest() == 0.0
    Notification.objects.filter(pk=first.pk).update(not_before=None)
    tell(first)
    assert round(backlog.oldest(), -1) == 900
    assert second.status == "pending"


def test_it_takes_a_fixed_number_of_statements(django_assert_num_queries: Any) -> None:
    make_inbound(make_conversation(), 1)
    with django_assert_num_queries(3):
        backlog.oldest()
    with django_assert_num_queries(6):
        backlog.count()
