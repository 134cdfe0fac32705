"""A notification goes out batch by batch, whatever happens to the workers."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import F
from django.db.models.functions import Now

from permabots import notification_tasks, tasks
from permabots.exceptions import UNFORESEEN, LeaseLost
from permabots.models import Bot, Hook, Notification, OutboundMessage, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline.hooks import broadcast_rate, hook_order, notifications
from permabots.pipeline.operating import sweep
from permabots.testing import TelegramServer
from tests.factories import fan_out
from tests.pipeline.clumsy import Clumsy
from tests.pipeline.notifying import deliver, post
from tests.pipeline.notifying import hook as hook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def its_lease_runs_out() -> None:
    """Have an hour pass for who works on a notification."""
    Notification.objects.update(lease_expires_at=F("lease_expires_at") - timedelta(hours=1))


def test_a_notification_whose_next_batch_nobody_was_asked_for_is_found_by_the_sweep(
    hook: Hook, telegram: TelegramServer, settings: Any
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "FAN_OUT_BATCH": 2}
    pk = post(hook, {"name": "x"}).json()["id"]
    assert len(notifications.fan_out(pk)) == 2
    assert sweep.due_notifications() == [pk]
    assert len(notifications.fan_out(pk)) == 1
    assert (OutboundMessage.objects.count(), Notification.objects.get().status) == (3, "done")


def test_a_fan_out_that_was_taken_over_stores_nothing(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "FAN_OUT_BATCH": 1}
    pk = post(hook, {"name": "x"}).json()["id"]
    reserve, another = broadcast_rate.reserve_slots, []

    def slow(bot: Bot, slugs: Any) -> list[float]:
        if not another:
            its_lease_runs_out()
            another.append(None)
            another.append(notifications.fan_out(pk))
        return reserve(bot, slugs)

    monkeypatch.setattr(broadcast_rate, "reserve_slots", slow)
    with pytest.raises(LeaseLost):
        notifications.fan_out(pk)
    assert len(another[1]) == OutboundMessage.objects.count() == 1


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemExit])
def test_a_notification_that_kills_its_worker_is_parked_and_blocks_nobody(
    hook: Hook, telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """`SystemExit` is how a worker dies: nobody gives the lease back. The limit is `TURN_ATTEMPTS`."""
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": ["tests.pipeline.clumsy.Clumsy"]}
    poison = post(hook, {"name": "poison"}).json()["id"]
    post(hook, {"name": "good"})
    monkeypatch.setattr(Clumsy, "unshown", error())
    for attempt in range(1, 5):
        with suppress(RuntimeError, SystemExit):
            tasks.fan_out(poison)
        row = Notification.objects.get(pk=poison)
        assert (row.status, row.attempts) == ("parked" if attempt == 4 else "pending", attempt)
        Notification.objects.update(not_before=None, lease_token=None, lease_expires_at=None)
    assert row.error.startswith("begun 3 times")
    monkeypatch.setattr(Clumsy, "unshown", None)
    deliver()
    assert [telegram.texts(chat) for chat in (101, 102, 103)] == [["good is ready"]] * 3


def test_a_fan_out_that_failed_waits_before_it_is_tried_again(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": ["tests.pipeline.clumsy.Clumsy"]}
    pk = post(hook, {"name": "x"}).json()["id"]
    monkeypatch.setattr(Clumsy, "unshown", RuntimeError())
    with pytest.raises(RuntimeError):
        tasks.fan_out(pk)
    row = Notification.objects.get()
    assert (row.lease_token, row.error, sweep.due_notifications()) == (None, UNFORESEEN, [])


def test_workers_that_die_while_a_broadcast_gets_on_give_it_up_never(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clumsy = {"PROVIDERS": ["tests.pipeline.clumsy.Clumsy"], "FAN_OUT_BATCH": 1, "TURN_ATTEMPTS": 2}
    settings.PERMABOTS = {**settings.PERMABOTS, **clumsy}
    pk = post(hook, {"name": "x"}).json()["id"]
    for _ in range(3):
        monkeypatch.setattr(Clumsy, "unshown", SystemExit())
        with pytest.raises(SystemExit):
            notifications.fan_out(pk)
        assert Notification.objects.get().attempts == 1
        its_lease_runs_out()
        monkeypatch.setattr(Clumsy, "unshown", None)
        assert len(notifications.fan_out(pk)) == 1
    assert Notification.objects.get().status == "done"
    assert OutboundMessage.objects.count() == 3


def test_a_finished_notification_is_left_alone(hook: Hook) -> None:
    post(hook, {"name": "x"})
    deliver()
    assert notifications.fan_out(Notification.objects.get().pk) is None


def test_notifications_of_one_hook_are_told_one_after_another(hook: Hook) -> None:
    first, second = (post(hook, {"name": name}).json()["id"] for name in ("one", "two"))
    assert sweep.due_notifications() == [first]
    assert notifications.fan_out(second) is None
    assert hook_order.next_for_hook(second) == (first, 0.0)
    assert len(notifications.fan_out(first)) == 3
    assert hook_order.next_for_hook(first) == (second, 0.0)


def test_nobody_goes_on_with_a_hook_that_somebody_works_on(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": ["tests.pipeline.clumsy.Clumsy"]}
    pk = post(hook, {"name": "x"}).json()["id"]
    monkeypatch.setattr(Clumsy, "unshown", SystemExit())
    with pytest.raises(SystemExit):
        notifications.fan_out(pk)
    assert hook_order.next_for_hook(pk) is None


def test_a_broadcast_is_stored_no_faster_than_it_may_leave(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0.2}
    for chat in range(104, 108):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    pk = post(hook, {"name": "x"}).json()["id"]
    assert [[round(woken.seconds) for woken in batch] for batch in fan_out(pk)] == [[0], [10]]
    assert OutboundMessage.objects.count() == 2
    assert hook_order.next_for_hook(pk) == (pk, pytest.approx(7.5, abs=0.5))
    assert sweep.due_notifications() == []
    Notification.objects.update(not_before=None)
    assert len(notifications.fan_out(pk)) == 1
    assert Notification.objects.get().attempts == 0


def published(action: Any) -> list[tuple[str, list[Any], float | None]]:
    """Return what an action publishes: task, arguments, countdown."""
    with patch("permabots.broker.publish") as publish:
        action()
    return [(call.args[0].name, list(call.args[1:]), call.kwargs.get("countdown")) for call in publish.call_args_list]


def test_a_post_to_a_hook_that_is_busy_makes_no_task_and_its_turn_comes(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    first = post(hook, {"name": "one"}).json()["id"]
    assert published(lambda: post(hook, {"name": "two"})) == []
    second = Notification.objects.exclude(pk=first).get().pk
    assert published(lambda: tasks.fan_out(second)) == [], "a task that is too early goes on with nothing"
    *_, following = published(lambda: tasks.fan_out(first))
    assert following == ("permabots.fan_out", [second], None)


def test_a_task_that_comes_early_by_the_databases_clock_comes_again(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0.2}
    pk = post(hook, {"name": "x"}).json()["id"]
    Recipient.objects.exclude(chat_id="101").delete()
    for chat in range(104, 108):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    fan_out(pk)
    soon = Now() + timedelta(seconds=draining.EARLY / 2)
    Notification.objects.update(not_before=soon)
    [following] = published(lambda: tasks.fan_out(pk))
    assert following == ("permabots.fan_out", [pk], pytest.approx(draining.EARLY / 2, abs=0.25))


def test_many_recipients_are_few_tasks(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    for chat in range(104, 126):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    pk = post(hook, {"name": "x"}).json()["id"]
    tasks_made = published(lambda: tasks.fan_out(pk))
    assert [(name, len(arguments[0])) for name, arguments, _ in tasks_made] == [
        ("permabots.drain_many", size) for size in (10, 10, 5)
    ]
    assert Notification.objects.get().status == "done"


def test_a_broadcast_goes_on_by_itself_and_then_the_next_one(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0.2}
    first, second = (post(hook, {"name": name}).json()["id"] for name in ("one", "two"))
    *_, following = published(lambda: tasks.fan_out(first))
    assert following == ("permabots.fan_out", [first], None)
    *_, following = published(lambda: tasks.fan_out(first))
    assert following == ("permabots.fan_out", [first], pytest.approx(7.5, abs=0.5))
    Notification.objects.filter(pk=first).update(not_before=None)
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    *_, following = published(lambda: tasks.fan_out(first))
    assert following[:2] == ("permabots.fan_out", [second])


def test_a_bunch_that_takes_long_is_handed_on(
    hook: Hook, telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    monkeypatch.setattr(notification_tasks, "BULK_SECONDS", 0)
    pk = post(hook, {"name": "x"}).json()["id"]
    woken = notifications.fan_out(pk)
    talks = [[talk.conversation_id, talk.provider] for talk in woken]
    assert published(lambda: tasks.drain_many(talks)) == [("permabots.drain_many", [talks[1:]], None)]
    assert sorted(len(telegram.texts(chat)) for chat in (101, 102, 103)) == [0, 0, 1]


def test_a_bunch_is_delivered(
    hook: Hook, telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    monkeypatch.setattr(notification_tasks, "BULK_SECONDS", 60)
    pk = post(hook, {"name": "x"}).json()["id"]
    woken = notifications.fan_out(pk)
    tasks.drain_many([[talk.conversation_id, talk.provider] for talk in woken])
    assert [len(telegram.texts(chat)) for chat in (101, 102, 103)] == [1, 1, 1]
