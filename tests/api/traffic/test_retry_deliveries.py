"""Trying again what failed for the recipients of a hook."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Conversation, Hook, Notification, OutboundMessage
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import broadcast_rate, notifications
from permabots.testing import TelegramServer
from tests.api.traffic.client import ApiClient
from tests.api.traffic.retrying import statuses
from tests.api.traffic.retrying import woken as woken
from tests.ends import disabled, drain, make_delivery, refusal
from tests.factories import make_bot, tell
from tests.pipeline.notifying import deliver, post
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def hook(bot: Bot) -> Hook:
    return create_hook(bot, {"name": "ready", "response": {"text_template": "{{ data.name }}"}})


def retry_delivery(api: ApiClient, row: Notification) -> Any:
    return api.post(f"hooks/{row.hook_id}/deliveries/{row.pk}/retry/")


def test_the_failed_calls_of_a_delivery_are_made_again(api: ApiClient, hook: Hook, woken: list[list[Any]]) -> None:
    row, other = make_delivery(hook, "sent", "parked", "pending", "skipped"), make_delivery(hook, "parked")
    failed = [call.conversation_id for call in row.outbound.order_by("id") if call.status in {"parked", "skipped"}]
    answer = retry_delivery(api, row)
    assert (answer.status_code, answer.json()["id"]) == (200, row.pk)
    assert answer.json()["counts"] == {"sent": 1, "pending": 3}
    assert [call["status"] for call in answer.json()["outbound"]] == ["sent", "pending", "pending", "pending"]
    assert statuses(OutboundMessage) == ["sent", "pending", "pending", "pending", "parked"]
    assert woken == [[talk, "telegram"] for talk in failed]
    assert retry_delivery(api, row).status_code == 409
    assert retry_delivery(api, other).status_code == 200


def test_a_recipient_that_could_not_be_told_is_told(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    hook = create_hook(Bot.objects.get(pk=bot.pk), {"name": "ready", "response": {"text_template": "{{ data.name }}"}})
    hook.recipients.create(provider="telegram", chat_id="101", name="r")
    telegram.add_fault(refusal(101, count=1))
    post(hook, {"name": "Order 5"})
    deliver()
    assert (statuses(OutboundMessage), telegram.texts(101)) == (["parked"], [])
    assert retry_delivery(ApiClient(bot), Notification.objects.get()).status_code == 200
    drain(Conversation.objects.get())
    assert telegram.texts(101) == ["Order 5"]


def test_a_delivery_that_was_given_up_itself_goes_on(api: ApiClient, bot: Bot, woken: list[list[Any]]) -> None:
    hook = create_hook(bot, {"name": "broken", "response": {"text_template": "{{ 1 / (data.zero|int) }}"}})
    row = notifications.store(hook, {})
    tell(row)
    assert (row.status, row.attempts, row.error != "") == ("parked", 1, True)
    answer = retry_delivery(api, row).json()
    assert (answer["status"], answer["attempts"], answer["error"]) == ("pending", 0, "")
    assert woken == [[row.pk]]


@pytest.mark.parametrize("calls", [(), ("sent", "pending", "started")])
def test_a_delivery_without_a_failure_is_409(
    api: ApiClient, hook: Hook, calls: tuple[str, ...], woken: list[list[Any]]
) -> None:
    answer = retry_delivery(api, make_delivery(hook, *calls))
    assert (answer.status_code, "nothing to retry" in answer.json()["detail"]) == (409, True)
    assert (statuses(OutboundMessage), woken) == (list(calls), [])


@pytest.mark.parametrize("change", ["removed", "disabled"])
def test_a_delivery_without_an_account_in_use_is_409(api: ApiClient, bot: Bot, hook: Hook, change: str) -> None:
    row = make_delivery(hook, "parked")
    if change == "removed":
        integrations.detach(bot, "telegram")
        answer = retry_delivery(api, row)
    else:
        with disabled(bot):
            answer = retry_delivery(api, row)
    assert (answer.status_code, "no account that is enabled" in answer.json()["detail"]) == (409, True)
    assert statuses(OutboundMessage) == ["parked"]


def test_calls_that_are_made_again_keep_to_the_providers_rate_again(
    api: ApiClient, hook: Hook, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERMABOTS = {"TELEGRAM_RATE": 0.05}  # however slow the machine is
    monkeypatch.setattr(broadcast_rate, "HORIZON", 1000)
    row = make_delivery(hook, "sent", "parked", "sent")
    assert slots() == [False, True, True]
    assert retry_delivery(api, row).status_code == 200
    assert slots() == [False, False, True]


def slots() -> list[bool]:
    return list(OutboundMessage.objects.order_by("id").values_list("slot_reserved", flat=True))


def test_only_the_hooks_own_delivery_is_tried_again(api: ApiClient, bot: Bot, hook: Hook) -> None:
    other = create_hook(bot, {"name": "other", "response": {"text_template": "x"}})
    row = make_delivery(hook, "parked")
    assert api.post(f"hooks/{other.pk}/deliveries/{row.pk}/retry/").status_code == 404
    assert statuses(OutboundMessage) == ["parked"]
