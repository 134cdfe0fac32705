"""Lists and pages answer an operator: which bots are in trouble, what waits and since when, which handlers answer."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.admin.bot_page import RECENT
from permabots.exceptions import ProviderError
from permabots.models import Bot, Chat, InboundMessage, MessengerBot, OutboundMessage, TelegramBot
from tests.admin.conftest import Browser
from tests.admin.test_lists import found
from tests.admin.world import World
from tests.docs.pages import page
from tests.ends import make_answer, make_message
from tests.factories import (
    answer,
    at_large,
    make_account,
    make_bot,
    make_conversation,
    make_handler,
    make_telegram,
    say,
)

pytestmark = [pytest.mark.django_db]


# --- bots -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def healthy(bot: Bot) -> Bot:
    """A bot of the same owner that nothing is wrong with."""
    return World(make_bot(owner=bot.owner, name="healthy")).bot


def trouble(browser: Browser, name: str) -> str:
    """Return what the list says of a bot."""
    row = next(row for row in browser.get("bot_changelist").context["cl"].result_list if row.name == name)
    page: Any = browser.get("bot_changelist").context["cl"].model_admin
    return str(page.trouble(row))


def fail_message(bot: Bot) -> None:
    make_telegram(bot)
    make_message(bot, "parked")


def fail_call(bot: Bot) -> None:
    make_telegram(bot)
    make_answer(bot, "parked")


def refuse(bot: Bot) -> None:
    row = bot.telegram_bot or make_telegram(bot)
    with at_large() as server, pytest.raises(ProviderError):
        server.revoke(row.token)
        row.sync_webhook()


def disable(bot: Bot) -> None:
    make_account(bot, "messenger")
    MessengerBot.objects.filter(bot=bot).update(enabled=False)


def half_connect(bot: Bot) -> None:
    bot.telegram_bot = TelegramBot.objects.create(token="1:a")
    bot.save()


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (fail_message, "messages given up: 1"),
        (fail_call, "calls given up: 1"),
        (refuse, "Telegram: Unauthorized"),
        (disable, "Facebook Messenger: disabled"),
        (half_connect, "Telegram: not connected yet"),
    ],
)
def test_a_bot_in_trouble_says_so_and_is_found(owner: Browser, bot: Bot, healthy: Bot, happen: Any, said: str) -> None:
    happen(bot)
    assert (trouble(owner, "shop"), trouble(owner, "healthy")) == (said, "")
    assert found(owner, "bot", trouble="yes") == [bot.pk]
    assert found(owner, "bot") == [healthy.pk, bot.pk]


def test_a_bot_without_accounts_is_in_no_trouble(owner: Browser, bot: Bot) -> None:
    assert (trouble(owner, "shop"), found(owner, "bot", trouble="yes")) == ("", [])


def test_troubles_are_told_together(owner: Browser, bot: Bot) -> None:
    fail_call(bot)
    refuse(Bot.objects.get())
    TelegramBot.objects.update(enabled=False)
    assert trouble(owner, "shop") == "Telegram: disabled; Telegram: Unauthorized; calls given up: 1"


# --- conversations ----------------------------------------------------------------------------------------------------


def test_what_waits_is_found_with_since_when(owner: Browser, bot: Bot) -> None:
    make_telegram(bot)
    first, _ = (make_message(bot, "pending", chat=1) for _ in range(2))
    call = make_answer(bot, "pending", chat=2).outbound.get()
    done = make_answer(bot, "sent", chat=3)
    rows = {row.pk: row.since for row in owner.get("conversation_changelist").context["cl"].result_list}
    assert rows == {
        first.conversation_id: first.received_at,
        call.conversation_id: call.created_at,
        done.conversation_id: None,
    }
    assert set(found(owner, "conversation", waiting="yes")) == {first.conversation_id, call.conversation_id}


@pytest.mark.parametrize("older", ["message", "call"])
def test_the_older_of_a_message_and_a_call_counts(owner: Browser, bot: Bot, older: str) -> None:
    make_telegram(bot)
    call = make_answer(bot, "pending").outbound.get()
    message = make_message(bot, "pending")
    early = "2026-01-01T12:00Z"
    if older == "message":
        InboundMessage.objects.filter(pk=message.pk).update(received_at=early)
    else:
        OutboundMessage.objects.filter(pk=call.pk).update(created_at=early)
    (row,) = owner.get("conversation_changelist").context["cl"].result_list
    assert row.since.isoformat() == "2026-01-01T12:00:00+00:00"


def test_the_transcript_says_how_long_a_chat_or_a_conversation_was_told_to_wait(owner: Browser, bot: Bot) -> None:
    make_telegram(bot)
    talk = say(bot).conversation
    assert "nothing happens before" not in owner.read("conversation_change", talk.pk)
    Chat.objects.postpone(talk, 600)
    assert "nothing happens before" in owner.read("conversation_change", talk.pk)


def test_the_transcript_says_since_when_it_waits(owner: Browser, bot: Bot) -> None:
    talk = make_conversation(bot)
    assert "Waits since" not in owner.read("conversation_change", talk.pk)
    make_telegram(bot)
    say(bot)
    assert "Waits since" in owner.read("conversation_change", talk.pk)


# --- handlers ---------------------------------------------------------------------------------------------------------


def test_the_page_of_a_bot_counts_what_each_handler_answered(owner: Browser, bot: Bot) -> None:
    make_telegram(bot)
    busy, idle = make_handler(bot, "busy", name="busy"), make_handler(bot, "idle", name="idle")
    answer(*(say(bot, text) for text in ("busy", "busy", "busy", "something else")))
    say(bot, "busy")
    assert "Answered: of the newest 5 messages." in owner.read("bot_change", bot.pk)
    rows = {row.pk: row.answered for row in owner.get("bot_change", bot.pk).context["handlers"]}
    assert rows == {busy.pk: 3, idle.pk: 0}


def copied(row: InboundMessage, number: int) -> InboundMessage:
    """Return an unsaved message like one that was answered, with an id of its own at the messenger."""
    values = {field.attname: getattr(row, field.attname) for field in InboundMessage._meta.concrete_fields}
    return InboundMessage(**{**values, "id": None, "external_id": f"m{number}"})


def test_only_the_newest_messages_are_looked_at(owner: Browser, bot: Bot) -> None:
    make_telegram(bot)
    make_handler(bot)
    answer(say(bot, "hello"), say(bot, "something else"))
    others = list(InboundMessage.objects.order_by("pk")[1:]) * (RECENT - 1)
    InboundMessage.objects.bulk_create([copied(row, number) for number, row in enumerate(others)])
    context = owner.get("bot_change", bot.pk).context
    assert (context["looked_at"], context["handlers"][0].answered) == (RECENT, 0)


def test_the_documentation_says_how_many() -> None:
    assert f"how many of the newest {RECENT:,} messages" in " ".join(page("admin").split())
