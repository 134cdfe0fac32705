"""Notification hooks: data posted by the user's own system reaches each recipient once."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from itertools import chain
from typing import Any
from unittest.mock import patch

import pytest
from django.db.models import F
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots import tasks
from permabots.exceptions import LeaseLost
from permabots.models import Bot, Chat, Conversation, Hook, Notification, OutboundMessage, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import broadcast_rate, notifications
from permabots.pipeline.operating import sweep
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import fan_out, make_bot, make_telegram, make_user
from tests.pipeline.clumsy import Clumsy
from tests.pipeline.talking import say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def hook(telegram: TelegramServer) -> Hook:
    bot = make_bot()
    attach(bot)
    text = {"text_template": "<b>{{ data.name }}</b> is ready", "keyboard_template": "[['ok']]"}
    hook = create_hook(Bot.objects.get(pk=bot.pk), {"name": "ready", "key": "KEY1", "response": text})
    for chat in (101, 102, 103):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    return hook


def post(hook: Hook, data: Any, user: Any = None, **headers: str) -> Any:
    token, _ = Token.objects.get_or_create(user=user or hook.bot.owner)
    headers = {"Authorization": f"Token {token.key}", **headers}
    return Client().post(f"/processing/hook/{hook.key}/", data, "application/json", headers=headers)


def deliver() -> None:
    for pk in sweep.due_notifications():
        for woken in chain.from_iterable(fan_out(pk)):
            draining.drain(woken.conversation_id, woken.provider)


def its_lease_runs_out() -> None:
    """Have an hour pass for who works on a notification."""
    Notification.objects.update(lease_expires_at=F("lease_expires_at") - timedelta(hours=1))


def test_each_recipient_gets_the_message_once(hook: Hook, telegram: TelegramServer) -> None:
    answer = post(hook, {"name": "Order 5 & 6"})
    row = Notification.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"id": row.pk, "recipients": 3})
    deliver()
    deliver()
    assert [telegram.texts(chat) for chat in (101, 102, 103)] == [["Order 5 & 6 is ready"]] * 3
    row.refresh_from_db()
    assert (row.status, row.lease_token) == ("done", None)
    assert row.trace["texts"] == ["<b>Order 5 &amp; 6</b> is ready"]


def test_one_recipient_who_is_gone_stops_nobody(hook: Hook, telegram: TelegramServer) -> None:
    Recipient.objects.filter(chat_id="101").update(chat_id="403403")
    post(hook, {"name": "x"})
    deliver()
    assert [len(telegram.texts(chat)) for chat in (102, 103)] == [1, 1]
    parked = OutboundMessage.objects.get(status="parked")
    assert parked.recipient.chat_id == "403403"


def test_a_broadcast_shares_the_conversation_of_the_person(hook: Hook, telegram: TelegramServer) -> None:
    talk = Conversation.objects.create(bot=hook.bot, provider="telegram", chat_id="101", user_id="101")
    post(hook, {"name": "x"})
    deliver()
    assert talk.outbound.count() == 1


def test_the_callers_key_makes_a_repeat_the_same_notification(hook: Hook) -> None:
    first = post(hook, {"name": "x"}, **{"Idempotency-Key": "k1"})
    second = post(hook, {"name": "x"}, **{"Idempotency-Key": "k1"})
    other = post(hook, {"name": "x"}, **{"Idempotency-Key": "k2"})
    assert first.json() == second.json() != other.json()
    assert Notification.objects.count() == 2


def test_a_broken_template_is_told_with_the_notification(hook: Hook) -> None:
    hook.response.text_template = "{{ 1 / (data.zero|int) }}"
    hook.response.save()
    post(hook, {"name": "x"})
    deliver()
    row = Notification.objects.get()
    assert row.status == "parked"
    assert row.error.startswith("text: ")
    assert not OutboundMessage.objects.exists()


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
    assert (row.lease_token, row.error, sweep.due_notifications()) == (None, "RuntimeError", [])


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
    assert notifications.fan_out(Notification.objects.get().pk) == []


@pytest.mark.parametrize("change", ["disabled", "unknown", "another user's"])
def test_a_hook_that_is_not_the_callers_is_404(hook: Hook, change: str) -> None:
    user = make_user() if change == "another user's" else None
    Hook.objects.update(enabled=change != "disabled")
    hook.key = "NOKEY" if change == "unknown" else hook.key
    answer = post(hook, {"name": "x"}, user)
    assert answer.status_code == 404
    assert answer.json() == f"Key {hook.key} not associated to an enabled hook or bot"


def test_a_caller_without_a_token_is_401(hook: Hook) -> None:
    assert Client().post("/processing/hook/KEY1/", {}, "application/json").status_code == 401


def test_what_is_no_json_is_400(hook: Hook) -> None:
    answer = post(hook, "{")
    assert answer.status_code == 400
    assert "JSON" in answer.json()


@pytest.mark.parametrize("data", [None, 5, "text", [1, {"a": None}]])
def test_any_json_is_taken(hook: Hook, data: Any) -> None:
    assert post(hook, json.dumps(data)).status_code == 200
    assert Notification.objects.get().data == data


def test_a_bot_takes_data_as_if_it_had_been_posted(hook: Hook, telegram: TelegramServer) -> None:
    with patch("permabots.broker.publish") as publish:
        hook.bot.handle_hook(hook, {"name": "by code"})
    assert publish.call_count == 1
    deliver()
    assert telegram.texts(101) == ["by code is ready"]


def test_notifications_of_one_hook_are_told_one_after_another(hook: Hook) -> None:
    first, second = (post(hook, {"name": name}).json()["id"] for name in ("one", "two"))
    assert sweep.due_notifications() == [first]
    assert notifications.fan_out(second) == []
    assert notifications.next_for_hook(second) == (first, 0.0)
    assert len(notifications.fan_out(first)) == 3
    assert notifications.next_for_hook(first) == (second, 0.0)


def test_nobody_goes_on_with_a_hook_that_somebody_works_on(
    hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "PROVIDERS": ["tests.pipeline.clumsy.Clumsy"]}
    pk = post(hook, {"name": "x"}).json()["id"]
    monkeypatch.setattr(Clumsy, "unshown", SystemExit())
    with pytest.raises(SystemExit):
        notifications.fan_out(pk)
    assert notifications.next_for_hook(pk) is None


def test_a_broadcast_is_stored_no_faster_than_it_may_leave(hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0.2}
    for chat in range(104, 108):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=f"r{chat}")
    pk = post(hook, {"name": "x"}).json()["id"]
    assert [[round(woken.seconds) for woken in batch] for batch in fan_out(pk)] == [[0], [10]]
    assert OutboundMessage.objects.count() == 2
    assert notifications.next_for_hook(pk) == (pk, pytest.approx(7.5, abs=0.5))
    assert sweep.due_notifications() == []
    Notification.objects.update(not_before=None)
    assert len(notifications.fan_out(pk)) == 1
    assert Notification.objects.get().attempts == 0


def published(action: Any) -> list[tuple[str, list[Any], float | None]]:
    """Return what an action publishes: task, arguments, countdown."""
    with patch("permabots.broker.publish") as publish:
        action()
    return [(call.args[0].name, list(call.args[1:]), call.kwargs.get("countdown")) for call in publish.call_args_list]


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


def test_a_bunch_that_takes_long_is_handed_on(hook: Hook, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0, "DRAIN_SECONDS": 1e-9}
    pk = post(hook, {"name": "x"}).json()["id"]
    woken = notifications.fan_out(pk)
    talks = [[talk.conversation_id, talk.provider] for talk in woken]
    assert published(lambda: tasks.drain_many(talks)) == [("permabots.drain_many", [talks], None)]


def test_a_bunch_is_delivered(hook: Hook, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0}
    pk = post(hook, {"name": "x"}).json()["id"]
    woken = notifications.fan_out(pk)
    tasks.drain_many([[talk.conversation_id, talk.provider] for talk in woken])
    assert [len(telegram.texts(chat)) for chat in (101, 102, 103)] == [1, 1, 1]


def left_with(telegram: TelegramServer, chat: int) -> list[str]:
    return [call.method for call in telegram.calls() if str(call.arguments.get("chat_id")) == str(chat)]


def test_who_blocked_the_bot_costs_one_call_and_not_one_for_each_broadcast(
    hook: Hook, telegram: TelegramServer
) -> None:
    Recipient.objects.filter(chat_id="101").update(chat_id="403403")
    for _ in range(3):
        post(hook, {"name": "x"})
        deliver()
    assert left_with(telegram, 403403) == ["sendMessage"]
    assert [len(telegram.texts(chat)) for chat in (102, 103)] == [3, 3]
    gone = OutboundMessage.objects.filter(recipient__chat_id="403403").order_by("pk")
    assert [row.status for row in gone] == ["parked", "skipped", "skipped"]
    assert gone[2].error.startswith("RecipientGone")


def test_who_comes_back_is_told_again(hook: Hook, telegram: TelegramServer) -> None:
    refuse = Fault(FaultKind.REFUSE, chat_id=101, status=403, description="Forbidden: bot was blocked by the user")
    telegram.add_fault(refuse)
    post(hook, {"name": "one"})
    deliver()
    telegram.clear_faults()
    draining.drain(say(hook.bot, "hello", chat=101).pk, "telegram")
    post(hook, {"name": "two"})
    deliver()
    assert telegram.texts(101) == ["two is ready"]


def test_who_was_gone_for_long_is_tried_again(hook: Hook, telegram: TelegramServer) -> None:
    Recipient.objects.filter(chat_id="101").update(chat_id="403403")
    for _ in range(2):
        post(hook, {"name": "x"})
        deliver()
        Chat.objects.update(gone=F("gone") - timedelta(days=31))
    assert left_with(telegram, 403403) == ["sendMessage"] * 2


def test_a_refused_text_makes_nobody_gone(hook: Hook, telegram: TelegramServer) -> None:
    refuse = Fault(FaultKind.REFUSE, chat_id=101, status=400, description="Bad Request: message is too long", count=2)
    telegram.add_fault(refuse)
    for name in ("one", "two"):
        post(hook, {"name": name})
        deliver()
    assert telegram.texts(101) == ["two is ready"]


def test_what_one_bots_messenger_says_of_a_chat_is_said_of_no_other_bot(hook: Hook, telegram: TelegramServer) -> None:
    """A person who blocked a bot is told by all others, and by those of other authors."""
    response = {"text_template": "Hi", "keyboard_template": ""}
    other = create_hook(make_telegram().bot, {"name": "x", "key": "K2", "response": response})
    other.recipients.create(provider="telegram", chat_id="403403", name="x")
    Recipient.objects.filter(hook=hook, chat_id="101").update(chat_id="403403")
    post(hook, {"name": "x"})
    deliver()
    assert Chat.objects.get(gone__isnull=False).bot == hook.bot
    post(other, {}, other.bot.owner)
    deliver()
    assert OutboundMessage.objects.filter(notification__hook=other).values_list("status", flat=True)[0] != "skipped"
