"""Trying again what failed, from the lists of bots, messages and notifications."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.admin.retry_actions import NOTHING
from permabots.models import Bot, Recipient, TelegramBot
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks.notifications import store
from tests.admin.conftest import Browser
from tests.ends import make_answer, make_message, make_unmissed
from tests.factories import UNREACHABLE, make_telegram, tell

pytestmark = [pytest.mark.django_db]


WILL = "messages that will be answered: 1; calls of answers that will be made again: 1."


@pytest.fixture
def connected(bot: Bot) -> Bot:
    make_telegram(bot)
    return bot


def test_failed_messages_of_a_bot_are_tried_again(owner: Browser, connected: Bot) -> None:
    call = make_answer(connected, "parked").outbound.get()
    parked, done = (make_message(connected, status) for status in ("parked", "done"))
    assert owner.act("bot_changelist", "retry_failed", connected) == [f"shop: {WILL}"]
    for row in (parked, call, done):
        row.refresh_from_db()
    assert [row.status for row in (parked, call, done)] == ["pending", "pending", "done"]


def test_a_call_that_nobody_misses_is_not_tried_again(owner: Browser, connected: Bot) -> None:
    make_unmissed(connected)
    assert owner.act("bot_changelist", "retry_failed", connected) == [f"shop: {NOTHING}"]


def test_messages_of_a_disabled_account_wait(owner: Browser, connected: Bot) -> None:
    message = make_message(connected, "parked")
    TelegramBot.objects.update(enabled=False)
    assert owner.act("bot_changelist", "retry_failed", connected) == [f"shop: {NOTHING}"]
    said = owner.act("inboundmessage_changelist", "retry", message)
    assert said == [f"shop: {NOTHING}"]


def test_a_chosen_message_is_tried_again_and_its_conversation_woken(
    owner: Browser, connected: Bot, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    message = make_message(connected, "skipped")
    woken: list[Any] = []
    monkeypatch.setattr("permabots.broker.publish", lambda task, *args, **_: woken.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        assert owner.act("inboundmessage_changelist", "retry", message) == [
            "shop: messages that will be answered: 1; calls of answers that will be made again: 0."
        ]
    assert woken == [(message.conversation_id, "telegram")]


def test_whoever_may_only_look_tries_nothing_again(owner: Browser, connected: Bot) -> None:
    message = make_message(connected, "parked")
    owner.user.user_permissions.remove(*owner.user.user_permissions.filter(codename__startswith="change_"))
    owner.act("inboundmessage_changelist", "retry", message)
    message.refresh_from_db()
    assert message.status == "parked"


def test_what_a_hook_could_not_deliver_is_tried_again(owner: Browser, connected: Bot) -> None:
    hook = create_hook(connected, {"name": "news", "response": {"text_template": "x"}})
    untouched, notice = (store(hook, {}) for _ in range(2))
    tell(untouched)
    Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(UNREACHABLE), name="Bob")
    tell(notice)
    call = notice.outbound.get()
    assert (untouched.status, notice.status, call.status) == ("done", "done", "parked")
    said = owner.act("notification_changelist", "retry", notice, untouched)
    assert f"{notice}: calls that will be made again: 1." in said
    assert any(line.startswith(f"{untouched}: There is nothing to retry") for line in said)
    call.refresh_from_db()
    assert call.status == "pending"


def test_a_notification_that_was_given_up_goes_on(
    owner: Browser, connected: Bot, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    notice = store(
        create_hook(connected, {"name": "news", "response": {"text_template": "{{ 1 / (data.zero|int) }}"}}), {}
    )
    tell(notice)
    assert notice.status == "parked"
    woken: list[Any] = []
    monkeypatch.setattr("permabots.broker.publish", lambda task, *args, **_: woken.append((task.name, *args)))
    with django_capture_on_commit_callbacks(execute=True):
        owner.act("notification_changelist", "retry", notice)
    notice.refresh_from_db()
    assert (notice.status, woken) == ("pending", [("permabots.fan_out", notice.pk)])
