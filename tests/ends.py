"""Messages, answers and deliveries at each of their ends: users, operators, messengers and workers bring them there.

Everything happens at the stand-in Telegram that is given, else at `tests.factories.telegram_at_large`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import attrgetter
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import connection
from django.test import override_settings

from permabots.models import Bot, ChatState, Conversation, Hook, InboundMessage, Notification, Recipient
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.hooks import notifications
from permabots.providers.telegram.provider import Telegram
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import at_large, make_handler, say
from tests.pipeline.clumsy import Clumsy, ClumsyClient, Gentle
from tests.waiting import wait_is_over

BLOCKED = "Forbidden: bot was blocked by the user"
SENDING = "sendMessage"


@contextmanager
def served(server: TelegramServer | None) -> Iterator[TelegramServer]:
    """Have accounts talk to a stand-in that the settings point to already; None for the one at large."""
    if server is not None:
        yield server
    else:
        with at_large() as found:
            yield found


@contextmanager
def disabled(bot: Bot, server: TelegramServer | None = None) -> Iterator[None]:
    """Have a bot's account at Telegram disabled for a while."""
    row: Any = Bot.objects.get(pk=bot.pk).telegram_bot
    with served(server):
        integrations.change(row, {}, enabled=False)
        try:
            yield
        finally:
            integrations.change(row, {}, enabled=True)


@contextmanager
def spoken(provider: type[Telegram], **values: Any) -> Iterator[None]:
    """Have another package's provider speak to Telegram for a while, with these settings."""
    present = getattr(settings, "PERMABOTS", {})
    with override_settings(PERMABOTS={**present, "PROVIDERS": [provider], **values}):
        yield


@contextmanager
def dying() -> Iterator[None]:
    """Have workers die when they have made a call and have not written so yet."""
    with spoken(Clumsy), patch.object(ClumsyClient, "trouble", SystemExit()), suppress(SystemExit):
        yield


def make_message(
    bot: Bot,
    status: str,
    text: str = "hello",
    number: int = 0,
    chat: int = 7,
    server: TelegramServer | None = None,
    **fields: Any,
) -> InboundMessage:
    """A message that somebody has written, with nothing that waits before it.

    Args:
        bot: connected to Telegram.
        status: what has become of it: pending, done, ignored, parked or skipped.
        text: what they wrote.
        number: of the update; 0 for the next one.
        chat: theirs.
        fields: as `tests.factories.say` takes them.
        server: the stand-in that the settings point to, None for the one at large.
    """
    if status == "ignored":
        with disabled(bot, server):
            return say(bot, text, number, chat, **fields)
    row = say(bot, text, number, chat, **fields)
    with served(server):
        if status == "parked":
            _give_up(row)
        elif status == "skipped":
            with disabled(bot, server):
                drain(row.conversation)
        elif status == "done":
            drain(row.conversation)
    row.refresh_from_db()
    assert row.status == status
    return row


def _give_up(row: InboundMessage) -> None:
    """Have the one turn that a message gets fail, for a reason that nobody foresaw."""
    with spoken(Clumsy, TURN_ATTEMPTS=1), patch.object(Clumsy, "unshown", MemoryError()):
        with suppress(MemoryError):
            drain(row.conversation)
        drain(row.conversation)


def drain(talk: Conversation) -> None:
    """Have a worker do what waits in a conversation, when the time for it has come."""
    wait_is_over()
    draining.drain(talk.pk, talk.provider)


def make_answer(
    bot: Bot, *statuses: str, number: int = 0, chat: int = 7, server: TelegramServer | None = None, **fields: Any
) -> InboundMessage:
    """A message that was answered, with a call in each of these statuses.

    Args:
        bot: connected to Telegram; it gets a handler for the answer.
        statuses: of the calls: sent and parked ones as they like, then skipped ones or, with one that a worker had
            started when it died or without, pending ones.
        number: of the update; 0 for the next one.
        chat: whose.
        server: the stand-in that the settings point to, None for the one at large.
        fields: as `tests.factories.say` takes them.
    """
    parts = len(statuses)
    make_handler(bot, f"^{parts} parts$", "\\n".join(f"part {part}" for part in range(parts)), name=f"{parts} parts")
    row = say(bot, f"{parts} parts", number, chat, **fields)
    talk = row.conversation
    with served(server) as messenger, troubled(messenger, statuses, chat):
        drain(talk)
        if "skipped" in statuses:
            with disabled(bot, server):
                drain(talk)
        elif "started" in statuses:
            with dying():
                drain(talk)
    wait_is_over()
    row.refresh_from_db()
    assert [call.status for call in row.outbound.order_by("part")] == list(statuses)
    return row


@contextmanager
def troubled(server: TelegramServer, statuses: Sequence[str], chat: int) -> Iterator[None]:
    """Have a stand-in refuse the calls that are to be parked, and be away once when the first that is to wait comes."""
    refused = [place for place, status in enumerate(statuses) if status == "parked"]
    waiting = next((place for place, it in enumerate(statuses) if it not in {"parked", "sent"}), None)
    for before, place in enumerate(refused):  # a fault counts no call that an earlier one has hit
        server.add_fault(refusal(chat, after=place - before, count=1))
    if waiting is not None:
        after = waiting - len(refused)
        server.add_fault(Fault(FaultKind.SERVER_ERROR, SENDING, chat_id=chat, count=1, after=after))
    try:
        yield
    finally:
        server.clear_faults()


def refusal(chat: int, **values: Any) -> Fault:
    """What a messenger says to a call to somebody who blocked the bot."""
    return Fault(FaultKind.REFUSE, SENDING, chat_id=chat, status=403, description=BLOCKED, **values)


def make_delivery(hook: Hook, *statuses: str, server: TelegramServer | None = None) -> Notification:
    """A notification that is done, with a new recipient for each of these statuses of its call."""
    first = 1000 + Recipient.objects.count()
    chats = [str(first + place) for place, _ in enumerate(statuses)]
    told = [hook.recipients.create(provider="telegram", chat_id=chat, name=f"r{chat}") for chat in chats]
    told.sort(key=attrgetter("pk"))  # as they are told
    notice = notifications.store(hook, {"name": "news"}, recipients=told)
    with served(server) as messenger:
        notifications.fan_out(notice.pk)
        for call, status in zip(notice.outbound.order_by("id"), statuses, strict=True):
            if status != "pending":
                _deliver(messenger, call.conversation, status)
    notice.refresh_from_db()
    assert [call.status for call in notice.outbound.order_by("id")] == list(statuses)
    return notice


def _deliver(server: TelegramServer, talk: Conversation, status: str) -> None:
    """Make the one call of a conversation come to this end."""
    if status == "skipped":
        with disabled(talk.bot, server):
            drain(talk)
    elif status == "started":
        with dying():
            drain(talk)
    else:
        with troubled(server, [status], int(talk.chat_id)):
            drain(talk)
            drain(talk)  # where the account's rate gave it a place, that has come now


def make_unmissed(bot: Bot, chat: int = 7) -> InboundMessage:
    """A message whose only answer was refused, in the words of a package that says nobody misses it."""
    make_handler(bot, "^good bye$", "See you")
    row = say(bot, "good bye", chat=chat)
    with at_large() as server, spoken(Gentle), troubled(server, ["parked"], chat):
        drain(row.conversation)
    assert row.outbound.get().status == "skipped"
    return row


@contextmanager
def overtaken(**values: Any) -> Iterator[None]:
    """Have a turn write the chat's state at the moment in which somebody else's write of it is sent."""
    begun: list[bool] = []

    def turn_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "permabots_chatstate"') and not begun:
            begun.append(True)
            ChatState.objects.update(**values)
        return execute(sql, *rest)

    with connection.execute_wrapper(turn_first):
        yield
