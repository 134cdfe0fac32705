"""A webhook's secret is replaced without a single call being refused, whatever the provider does meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from permabots.exceptions import IntegrationRefused, ProviderError
from permabots.models import Bot, TelegramBot
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.pipeline.talking import bot as bot
from tests.pipeline.test_integrations import TOKEN
from tests.pipeline.test_webhook import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TAKEN = None
REFUSED = Fault(FaultKind.REFUSE, method="setWebhook", count=1)
AWAY = Fault(FaultKind.SERVER_ERROR, method="setWebhook", count=1)
ANSWER_LOST = Fault(FaultKind.CLOSE, method="setWebhook", count=1, accept=True)
OUTCOMES = {"taken": TAKEN, "refused": REFUSED, "away": AWAY, "answer lost": ANSWER_LOST}


def is_heard(telegram: TelegramServer, number: int) -> bool:
    """Whether a call with the secret that Telegram uses is taken."""
    row = TelegramBot.objects.get()
    return (
        post(row, text_update(number, 7, "hello", message_id=number), telegram.webhook(TOKEN)["secret"]).status_code
        == 200
    )


def set_by_row(row: TelegramBot) -> None:
    row.set_webhook(row.absolute_hook_url())


def set_by_change(row: TelegramBot) -> None:
    integrations.change(row, {}, enabled=True)


def set_by_command(_: TelegramBot) -> None:
    call_command("permabots_webhook", "set")


def happen(telegram: TelegramServer, outcome: str, action: Any) -> None:
    telegram.clear_faults()
    if (fault := OUTCOMES[outcome]) is not None:
        telegram.add_fault(fault)
    with suppress(ProviderError, IntegrationRefused, CommandError):
        action(TelegramBot.objects.get())


@pytest.mark.parametrize("outcomes", list(product(OUTCOMES, repeat=3)), ids=", ".join)
def test_the_secret_that_the_provider_uses_is_taken_whatever_became_of_its_replacement(
    bot: Bot, telegram: TelegramServer, outcomes: tuple[str, ...]
) -> None:
    before = telegram.webhook(TOKEN)["secret"]
    for number, outcome in enumerate(outcomes, 1):
        happen(telegram, outcome, set_by_row)
        row = TelegramBot.objects.get()
        taken = {row.webhook_secret, row.previous_webhook_secret, row.next_webhook_secret}
        in_flight, before = before, telegram.webhook(TOKEN)["secret"]
        assert {in_flight, before} <= taken, outcomes[:number]
    assert is_heard(telegram, 1)


@pytest.mark.parametrize("action", [set_by_row, set_by_change, set_by_command])
def test_a_bot_is_heard_after_any_number_of_failed_webhooks(bot: Bot, telegram: TelegramServer, action: Any) -> None:
    for number in range(1, 5):
        happen(telegram, "away", action)
        assert is_heard(telegram, number)
    happen(telegram, "taken", action)
    assert is_heard(telegram, 9)
    assert TelegramBot.objects.get().webhook_secret == telegram.webhook(TOKEN)["secret"]


def test_two_who_set_the_webhook_at_once_leave_a_secret_that_is_taken(bot: Bot, telegram: TelegramServer) -> None:
    telegram.add_fault(Fault(FaultKind.SLOW, method="setWebhook", seconds=0.3, count=1))
    rows = [TelegramBot.objects.get() for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(in_thread, rows))
    assert is_heard(telegram, 1)


def in_thread(row: TelegramBot) -> None:
    try:
        set_by_row(row)
    finally:
        connection.close()


def test_a_stale_row_takes_no_secret_back(bot: Bot, telegram: TelegramServer) -> None:
    stale = TelegramBot.objects.get()
    set_by_row(TelegramBot.objects.get())
    set_by_row(stale)
    assert is_heard(telegram, 1)
    assert stale.webhook_secret == telegram.webhook(TOKEN)["secret"]
