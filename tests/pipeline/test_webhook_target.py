"""A webhook knows its account as it is now, whatever a cache says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import override_settings

from permabots.models import Bot, InboundMessage, TelegramBot
from tests.factories import at_large, make_bot, make_telegram
from tests.pipeline.test_webhook import post, text_update

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def hear(row: TelegramBot, number: int) -> int:
    """Have Telegram post a message with the secret that it uses."""
    return int(post(TelegramBot.objects.get(pk=row.pk), text_update(number, 7, "hello")).status_code)


def rotate(times: int = 2) -> None:
    """Set the webhook so often that no secret is what it was."""
    with at_large():
        for _ in range(times):
            TelegramBot.objects.get().connect()


def disable() -> None:
    row = TelegramBot.objects.get()
    row.enabled = False
    row.save()


class Slow(LocMemCache):
    """A cache whose first write of an account is so slow that the account is changed before it."""

    meanwhile: ClassVar[list[Callable[[], None]]] = []

    def add(self, key: str, *args: Any, **options: Any) -> bool:
        self._happen(key)
        return super().add(key, *args, **options)

    def set(self, key: str, *args: Any, **options: Any) -> None:
        self._happen(key)
        super().set(key, *args, **options)

    def _happen(self, key: str) -> None:
        if "target" in key and self.meanwhile:
            self.meanwhile.pop()()


@pytest.mark.usefixtures("by_orm")
@pytest.mark.parametrize("change", [disable, rotate])
def test_who_read_an_account_before_it_changed_does_not_bring_it_back(settings: Any, change: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.pipeline.test_webhook_target.Slow"}}
    row = make_telegram()
    cache.clear()
    Slow.meanwhile.append(change)
    hear(row, 1)
    assert hear(row, 2) == 200
    assert InboundMessage.objects.get(provider_sequence=2).status == ("ignored" if change is disable else "pending")
    cache.clear()


def test_a_secret_that_was_replaced_elsewhere_is_taken_at_once() -> None:
    row = make_telegram()
    assert hear(row, 1) == 200
    elsewhere = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "elsewhere"}}
    with override_settings(CACHES=elsewhere):
        rotate()
    assert hear(row, 2) == 200
    assert hear(row, 3) == 200


def test_a_wrong_secret_is_refused_whatever_the_cache_says() -> None:
    row = make_telegram()
    assert hear(row, 1) == 200
    assert post(row, text_update(2, 7, "hello"), "wrong").status_code == 403


def test_an_account_that_a_bot_is_given_answers_at_once() -> None:
    row = make_telegram()
    bot, other = row.bot, make_bot(name="other")
    hear(row, 1)
    bot.telegram_bot = None
    bot.save()
    assert hear(row, 2) == 503
    other.telegram_bot = row
    other.save()
    assert hear(row, 3) == 200
    assert list(InboundMessage.objects.order_by("provider_sequence").values_list("bot__name", flat=True)) == [
        "shop",
        "other",
    ]


def test_an_account_that_is_taken_from_a_bot_by_an_update_is_known_at_once() -> None:
    row = make_telegram()
    hear(row, 1)
    Bot.objects.update(telegram_bot=None)
    assert hear(row, 2) == 503


def test_an_account_that_is_disabled_by_an_update_is_known_at_once() -> None:
    row = make_telegram()
    hear(row, 1)
    TelegramBot.objects.update(enabled=False)
    hear(row, 2)
    assert list(InboundMessage.objects.order_by("provider_sequence").values_list("status", flat=True)) == [
        "pending",
        "ignored",
    ]


def test_an_account_whose_bot_is_deleted_takes_nothing_more() -> None:
    row = make_telegram()
    hear(row, 1)
    row.bot.delete()
    assert hear(row, 2) == 404
