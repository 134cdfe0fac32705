"""``permabots_purge``: what is kept beside messages goes when nobody needs it, and not before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from permabots.models import Bot, CallbackData, ChatState, Contact
from permabots.models.callback_data import CallbackDataQuerySet
from permabots.testing import TelegramServer
from tests.factories import make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import bot, drain, say
from tests.test_commands import run

__all__ = ["bot"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

BEGAN = timezone.now() - timedelta(days=1000)


def at(day: float) -> Any:
    """Let the clock of processes stand so many days after the beginning."""
    CallbackDataQuerySet._noted.clear()  # another process
    return patch("django.utils.timezone.now", return_value=BEGAN + timedelta(days=day))


def purge(day: float, **options: Any) -> str:
    with at(day):
        return run("permabots_purge", **options)


@pytest.fixture
def shop(bot: Bot) -> Bot:
    make_handler(bot, "^menu$", "Pick", keyboard=f"[[('this', '{'x' * 100}')]]")
    make_handler(bot, "^go(?P<what>.*)$", "went", target_state="here")
    return bot


def write(bot: Bot, text: str, number: int, day: float) -> None:
    with at(day):
        drain(say(bot, text, number, user={"id": 7, "is_bot": False, "first_name": "Ann"}))


def test_button_data_goes_two_years_after_the_button_was_last_sent(shop: Bot, telegram: TelegramServer) -> None:
    write(shop, "menu", 1, 0)
    write(shop, "menu", 2, 200)
    purge(900)
    assert CallbackData.objects.count() == 1, "it was sent again on day 200"
    purge(931)
    assert not CallbackData.objects.exists()


def test_a_button_that_is_sent_again_after_that_works(shop: Bot, telegram: TelegramServer) -> None:
    write(shop, "menu", 1, 0)
    purge(900)
    with patch.dict(CallbackDataQuerySet._noted):
        drain(say(shop, "menu", 2))
    assert CallbackData.objects.count() == 1


def test_contexts_are_emptied_after_a_year_of_silence_and_the_state_stays(shop: Bot, telegram: TelegramServer) -> None:
    write(shop, "gone", 1, 0)
    write(shop, "hm", 2, 200)  # no transition, but no silence either
    purge(500)
    assert ChatState.objects.get().contexts != {}
    purge(566)
    state = ChatState.objects.get()
    assert (state.contexts, state.state.name) == ({}, "here")


def test_people_go_when_nothing_names_them(shop: Bot, telegram: TelegramServer) -> None:
    write(shop, "hm", 1, 0)
    purge(900)
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["4242", "7"], "the account and the person"
    shop.delete()
    assert Contact.objects.filter(external_id="7").exists()
    purge(900)
    assert not Contact.objects.filter(external_id="7").exists()


@pytest.mark.parametrize("keep", ["RETENTION_BUTTON_DAYS", "RETENTION_CONTEXT_DAYS"])
def test_0_days_are_for_ever(shop: Bot, telegram: TelegramServer, settings: Any, keep: str) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, keep: 0}
    write(shop, "menu", 1, 0)
    write(shop, "gone", 2, 0)
    purge(999)
    assert CallbackData.objects.exists() == (keep == "RETENTION_BUTTON_DAYS")
    assert bool(ChatState.objects.get().contexts) == (keep == "RETENTION_CONTEXT_DAYS")


def test_a_dry_run_says_what_would_go_and_a_batch_may_be_small(shop: Bot, telegram: TelegramServer) -> None:
    write(shop, "menu", 1, 0)
    write(shop, "gone", 2, 0)
    assert "the data of 1 buttons" in purge(999, dry_run=True)
    assert CallbackData.objects.exists()
    assert "emptied the contexts of 1 chats" in purge(999, batch=1)
