"""An account that a programmer connects, as the documentation says, stays connected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from permabots import tasks
from permabots.exceptions import ProviderError
from permabots.models import Bot, TelegramBot
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer, text_update
from tests.factories import make_bot
from tests.pipeline.test_webhook import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

TOKEN = "4242:token"


def half_an_hour_passes() -> None:
    TelegramBot.objects.update(updated_at=F("updated_at") - timedelta(minutes=30))


def tied() -> TelegramBot:
    """A row of credentials that a programmer made and gave to a bot."""
    row = TelegramBot.objects.create(token=TOKEN)
    bot = make_bot()
    bot.telegram_bot = row
    bot.save()
    return row


def by_hand(row: TelegramBot) -> None:
    row.init_bot()
    row.set_webhook(row.absolute_hook_url())


def by_webhook(row: TelegramBot) -> None:
    row.set_webhook(row.absolute_hook_url())


@pytest.mark.parametrize("connect", [TelegramBot.connect, by_hand, by_webhook])
def test_an_account_that_was_connected_by_its_row_answers_after_any_number_of_sweeps(
    telegram: TelegramServer, connect: Any
) -> None:
    row = tied()
    connect(row)
    half_an_hour_passes()
    tasks.sweep()
    row.refresh_from_db()
    assert (row.status, telegram.webhook(TOKEN)["url"]) == ("connected", row.webhook_url)
    assert post(row, text_update(1, 7, "hello", message_id=1), row.webhook_secret).status_code == 200


def test_an_account_that_nobody_has_connected_yet_is_kept(telegram: TelegramServer) -> None:
    row = TelegramBot.objects.create(token=TOKEN)
    half_an_hour_passes()
    tasks.sweep()
    row.refresh_from_db()
    assert row.status == "new"
    assert telegram.calls() == []


def test_an_account_whose_provider_was_away_is_kept_and_can_be_connected_later(telegram: TelegramServer) -> None:
    row = tied()
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="setWebhook", count=1))
    with pytest.raises(ProviderError):
        row.connect()
    half_an_hour_passes()
    tasks.sweep()
    row.connect()
    assert TelegramBot.objects.get().status == "connected"


def test_an_account_that_is_polled_is_kept(telegram: TelegramServer) -> None:
    row = tied()
    row.init_bot()
    half_an_hour_passes()
    tasks.sweep()
    assert TelegramBot.objects.get().status == "connected"


def test_an_account_that_was_let_go_and_is_given_to_a_bot_again_is_kept(telegram: TelegramServer) -> None:
    row = tied()
    row.connect()
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="deleteWebhook", count=1))
    integrations.detach(row.bot, "telegram")
    bot = Bot.objects.get()
    bot.telegram_bot = TelegramBot.objects.get()
    bot.save()
    tasks.sweep()
    TelegramBot.objects.get().connect()
    half_an_hour_passes()
    tasks.sweep()
    row.refresh_from_db()
    assert (row.status, telegram.webhook(TOKEN)["url"]) == ("connected", row.webhook_url)
