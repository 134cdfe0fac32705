"""The sweep: what is due and nobody works on is found, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.db.models.functions import Now

from permabots.models import Bot, Chat, Conversation, Hook, Notification, OutboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import notifications
from permabots.pipeline.operating import sweep
from permabots.tasks import notify
from tests.ends import make_answer, make_message
from tests.factories import make_bot, make_conversation, make_inbound, make_telegram, tell

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def with_message() -> Conversation:
    talk = make_conversation()
    make_inbound(talk, 1)
    return talk


def test_a_pending_message_is_found() -> None:
    talk = with_message()
    assert sweep.due_conversations() == [(talk.pk, "telegram")]


@pytest.mark.parametrize("status", ["pending", "started"])
def test_an_unfinished_outgoing_message_is_found(status: str) -> None:
    statuses = [status] if status == "pending" else [status, "pending"]
    row = make_answer(make_telegram().bot, *statuses)
    assert sweep.due_conversations() == [(row.conversation_id, "telegram")]


@pytest.mark.parametrize("status", ["done", "parked", "ignored", "skipped"])
def test_a_finished_message_is_not(status: str) -> None:
    make_message(make_telegram().bot, status)
    assert sweep.due_conversations() == []


def test_a_conversation_that_somebody_works_on_is_not() -> None:
    talk = with_message()
    Conversation.objects.take(talk.pk, uuid4(), 60)
    assert sweep.due_conversations() == []


def test_a_conversation_whose_worker_died_is() -> None:
    talk = with_message()
    Conversation.objects.take(talk.pk, uuid4(), -1)
    assert sweep.due_conversations() == [(talk.pk, "telegram")]


def test_a_conversation_that_has_to_wait_is_not() -> None:
    talk = with_message()
    Chat.objects.postpone(talk, 60)
    assert sweep.due_conversations() == []


def test_what_was_woken_just_now_is_left_out() -> None:
    with_message()
    assert len(sweep.due_conversations()) == 1
    assert sweep.due_conversations() == []


def test_what_was_woken_long_ago_is_woken_again() -> None:
    with_message()
    sweep.due_conversations()
    Conversation.objects.update(last_woken_at=Now() - timedelta(seconds=31))
    assert len(sweep.due_conversations()) == 1


def test_one_sweep_wakes_so_many_at_most(settings: Any) -> None:
    settings.PERMABOTS = {"SWEEP_BATCH": 2}
    for _ in range(3):
        with_message()
    assert [len(sweep.due_conversations()) for _ in range(3)] == [2, 1, 0]


def test_a_sweep_takes_two_statements_whatever_it_finds(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        with_message()
    with django_assert_num_queries(2):
        sweep.due_conversations()


def test_a_notification_that_was_woken_just_now_is_left_out_until_somebody_looks_at_it(settings: Any) -> None:
    hook = make_hook(make_bot())
    first, second = (notify(hook, {}).pk for _ in range(2))
    assert [sweep.due_notifications() for _ in range(2)] == [[first], []]
    Notification.objects.update(last_woken_at=F("last_woken_at") - timedelta(seconds=31))
    assert sweep.due_notifications() == [first]
    notifications.fan_out(first)
    assert [sweep.due_notifications() for _ in range(2)] == [[second], []]


def test_a_notification_that_waits_for_its_rate_is_woken_when_its_time_comes() -> None:
    hook = make_hook(make_bot())
    notify(hook, {})
    sweep.due_notifications()
    Notification.objects.update(not_before=Now() + timedelta(seconds=60))
    assert sweep.due_notifications() == []


def test_a_hundred_notifications_do_not_keep_the_others_from_their_turn() -> None:
    bot = make_bot()
    pks = [notify(make_hook(bot), {}).pk for _ in range(3)]
    assert [sweep.due_notifications(limit=2) for _ in range(3)] == [pks[:2], pks[2:], []]


def make_hook(bot: Bot) -> Hook:
    return create_hook(bot, {"name": "hook", "response": {"text_template": "x"}})


def test_a_notification_that_nobody_fans_out_is_found() -> None:
    bot = make_bot()
    waiting = Notification.objects.create(bot=bot)
    told = Notification.objects.create(bot=bot, hook=make_hook(bot))
    tell(told)
    assert told.status == "done"
    Notification.objects.create(bot=bot, lease_token=uuid4(), lease_expires_at=Now() + timedelta(seconds=60))
    assert sweep.due_notifications() == [waiting.pk]
    assert not OutboundMessage.objects.exists()
