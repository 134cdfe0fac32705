"""A group that becomes a supergroup: whoever tells of it and whoever writes first, all that was there goes along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from permabots import tasks
from permabots.models import Bot, ChatState, Conversation, InboundMessage, Notification, OutboundMessage, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import notifications
from permabots.pipeline.lease import Lease
from permabots.pipeline.sending import outbox
from permabots.testing import Fault, FaultKind, TelegramServer, migrated_update, text_update
from tests.factories import make_handler
from tests.pipeline.talking import bot, drain, say, statuses
from tests.pipeline.test_acknowledgements import published
from tests.pipeline.test_webhook import post

__all__ = ["bot", "published"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

OLD, NEW = -100, -1001998877665
MOVED = Fault(FaultKind.MIGRATED, chat_id=OLD, migrate_to_chat_id=NEW)


def told_in_the_old(bot: Bot, number: int = 50) -> None:
    assert post(bot.telegram_bot, migrated_update(number, OLD, NEW, user=9, message_id=number)).status_code == 200


def told_in_the_new(bot: Bot, number: int = 51) -> None:
    update = text_update(number, NEW, "x", user=9, message_id=number)
    del update["message"]["text"]
    update["message"] = {**update["message"], "migrate_from_chat_id": OLD}
    assert post(bot.telegram_bot, update).status_code == 200


def told_in_both(bot: Bot) -> None:
    told_in_the_old(bot)
    told_in_the_new(bot)
    told_in_the_old(bot)  # a repeat


def told_by_a_refusal(bot: Bot) -> None:
    row: Any = bot.telegram_bot
    row.send_message(str(OLD), "news", [])
    for talk in Conversation.objects.order_by("pk"):
        while drain(talk) is not None:
            pass


TOLD: list[Callable[[Bot], None]] = [told_in_the_old, told_in_the_new, told_in_both, told_by_a_refusal]


@pytest.fixture
def shop(bot: Bot, telegram: TelegramServer) -> Bot:
    """A bot that has a person of a group in a state."""
    make_handler(bot, "^go$", "Where to?", target_state="here")
    make_handler(bot, "^there$", "Off we go", source_states=["here"])
    drain(say(bot, "go", 1, chat=OLD, user=7))
    telegram.add_fault(MOVED)
    return bot


@pytest.mark.parametrize("told", TOLD)
def test_the_state_is_kept_for_who_writes_after_it_was_told(
    shop: Bot, telegram: TelegramServer, told: Callable[[Bot], None]
) -> None:
    told(shop)
    drain(say(shop, "there", 60, chat=NEW, user=7))
    assert telegram.texts(NEW)[-1] == "Off we go"


@pytest.mark.parametrize("told", TOLD)
def test_the_state_follows_a_person_who_wrote_before_it_was_told(
    shop: Bot, telegram: TelegramServer, told: Callable[[Bot], None]
) -> None:
    drain(say(shop, "hm", 40, chat=NEW, user=7))
    told(shop)
    drain(say(shop, "there", 60, chat=NEW, user=7))
    assert telegram.texts(NEW)[-1] == "Off we go"


def test_the_state_that_was_written_last_is_kept(shop: Bot, telegram: TelegramServer) -> None:
    make_handler(shop, "^stay$", "Here", target_state="stays")
    drain(say(shop, "stay", 40, chat=NEW, user=7))
    told_in_both(shop)
    assert ChatState.objects.get(conversation__chat_id=NEW).state.name == "stays"


def test_nothing_is_sent_to_the_old_id_once_it_was_told(shop: Bot, telegram: TelegramServer) -> None:
    told_in_the_old(shop)
    calls = len(telegram.calls())
    drain(say(shop, "there", 60, chat=NEW, user=7))
    assert [call.status for call in telegram.calls(calls)] == [200]


def test_recipients_of_hooks_follow_and_nobody_is_told_twice(shop: Bot, telegram: TelegramServer) -> None:
    hook = create_hook(shop, {"name": "news", "response": {"text_template": "News"}})
    for chat in (OLD, NEW):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(chat), name=str(chat))
    other = create_hook(shop, {"name": "other", "response": {"text_template": "Other"}})
    Recipient.objects.create(hook=other, provider="telegram", chat_id=str(OLD), name="group")
    told_in_both(shop)
    told = sorted(Recipient.objects.values_list("hook__name", "chat_id"))
    assert told == [("news", str(NEW)), ("other", str(NEW))]


def test_a_message_that_waits_is_answered_once_in_the_new_chat(shop: Bot, telegram: TelegramServer) -> None:
    say(shop, "there", 30, chat=OLD, user=7)
    say(shop, "hm", 40, chat=NEW, user=7)
    told_in_both(shop)
    drain(Conversation.objects.get(chat_id=NEW, user_id=7))
    assert telegram.texts(NEW) == ["Off we go"]
    assert set(statuses(InboundMessage)) == {"done", "ignored"}


def test_what_a_worker_holds_stays_in_its_conversation(shop: Bot, telegram: TelegramServer) -> None:
    old = say(shop, "there", 30, chat=OLD, user=7)
    say(shop, "hm", 40, chat=NEW, user=7)
    lease = Lease.take(old.pk)
    assert lease is not None
    told_in_both(shop)
    assert InboundMessage.objects.get(provider_sequence=30).conversation_id == old.pk
    assert Lease.take(old.pk) is None, "it is held as before"
    lease.release()
    told_in_both(shop)
    assert InboundMessage.objects.get(provider_sequence=30).conversation_id != old.pk


def test_whoever_waits_in_the_new_chat_is_woken(shop: Bot, telegram: TelegramServer, published: Any) -> None:
    say(shop, "there", 30, chat=OLD, user=7)
    new = say(shop, "hm", 40, chat=NEW, user=7)
    told_in_the_old(shop)
    assert (tasks.drain.name, [new.pk, "telegram"]) in published


@pytest.mark.parametrize("circle", [[(OLD, OLD)], [(OLD, NEW), (NEW, OLD)]], ids=["to itself", "round"])
def test_a_provider_that_sends_a_message_on_without_end_is_not_followed_without_end(
    bot: Bot, telegram: TelegramServer, circle: list[tuple[int, int]]
) -> None:
    make_handler(bot)
    for chat, to in circle:
        telegram.add_fault(Fault(FaultKind.MIGRATED, chat_id=chat, migrate_to_chat_id=to))
    talk, calls = say(bot, "hello", chat=OLD, user=7), len(telegram.calls())
    for _ in range(20):
        drain(talk)
    assert statuses(OutboundMessage) == ["parked"]
    assert len(telegram.calls(calls)) <= outbox.MOVES + 1


def test_a_hook_with_both_ids_of_a_group_tells_it_once_and_keeps_one_recipient(
    bot: Bot, telegram: TelegramServer
) -> None:
    telegram.add_fault(MOVED)
    response = {"text_template": "news", "keyboard_template": ""}
    hook = create_hook(bot, {"name": "h", "key": "BOTH", "response": response})
    for chat in (OLD, NEW):
        hook.recipients.create(provider="telegram", chat_id=str(chat), name="group")
    bot.handle_hook(hook, {})
    notifications.fan_out(Notification.objects.get().pk)
    for talk in Conversation.objects.order_by("-chat_id"):
        while drain(talk) is not None:
            pass
    assert sorted(statuses(OutboundMessage)) == ["sent", "skipped"]
    assert telegram.texts(NEW) == ["news"]
    assert [row.chat_id for row in hook.recipients.all()] == [str(NEW)]
