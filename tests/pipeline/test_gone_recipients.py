"""Recipients who blocked the bot cost a broadcast nothing, and are told again when they come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from permabots.models import Chat, Hook, OutboundMessage, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_telegram
from tests.pipeline.notifying import deliver, post
from tests.pipeline.notifying import hook as hook
from tests.pipeline.talking import say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


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
