"""Notifications wait behind answers, and not for ever."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from permabots import notification_tasks, tasks
from permabots.broker import Order
from permabots.models import Hook
from permabots.testing import TelegramServer
from tests.pipeline.notifying import hook as hook
from tests.pipeline.notifying import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def published(work: Any, *arguments: Any) -> list[tuple[Any, ...]]:
    """Do something; returns what it publishes: the task's name, its order, the task and its arguments."""
    with patch("permabots.broker.publish") as publish:
        work(*arguments)
    calls = [(call.args[0].name, call.kwargs["order"], *call.args) for call in publish.call_args_list]
    return [call for call in calls if call[0] in ("permabots.fan_out", "permabots.drain_many")]


def orders(calls: list[tuple[Any, ...]]) -> list[tuple[str, Order]]:
    return [(name.removeprefix("permabots."), order) for name, order, *_ in calls]


def test_a_notification_is_told_after_answers(hook: Hook, telegram: TelegramServer) -> None:
    (begun,) = published(post, hook, {"name": "x"})
    told = published(*begun[2:])
    assert orders([begun, *told]) == [("fan_out", Order.BULK), ("drain_many", Order.BULK)]


def test_a_notification_that_workers_never_came_to_is_told_among_busy_bots_answers_once_a_sweep_finds_it(
    hook: Hook, telegram: TelegramServer
) -> None:
    hook.recipients.exclude(chat_id="101").delete()
    published(post, hook, {"name": "x"})  # the task waits in the last line, and nobody takes it
    (found,) = published(tasks.sweep)
    (told,) = published(*found[2:])
    assert orders([found, told]) == [("fan_out", Order.BUSY), ("drain_many", Order.BUSY)]
    published(*told[2:])
    assert telegram.texts(101) == ["x is ready"]


def test_of_a_large_notification_that_a_sweep_finds_the_first_recipients_alone_are_told_so(
    hook: Hook, telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "FAN_OUT_BATCH": 2}
    monkeypatch.setattr(notification_tasks, "DRAIN_BATCH", 1)
    published(post, hook, {"name": "x"})
    (found,) = published(tasks.sweep)
    rest = published(*found[2:])
    assert orders(rest) == [("drain_many", Order.BUSY), ("drain_many", Order.BULK), ("fan_out", Order.BULK)]
