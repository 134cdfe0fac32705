"""The rows of a run, as evidence. Needs Django."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Min

from permabots.models import Bot, ChatState, InboundMessage, Notification, OutboundMessage, Recipient
from tests.chaos.accounting.evidence import Key, Send, Turn


def read_turns(bot: Bot) -> dict[Key, Turn]:
    """Return the bot's incoming messages whose texts end with a number."""
    rows = InboundMessage.objects.filter(conversation__bot=bot).select_related("conversation")
    placed = rows.annotate(place=Min("outbound__pk"))
    return {turn.key: turn for row in placed.iterator() for turn in _turn(row, row.place)}


def _turn(row: InboundMessage, place: int | None = None) -> Iterator[Turn]:
    _, _, number = (row.text or "").rpartition(" ")
    if number.isdecimal():
        late = "late" in (row.trace or {})
        key = (int(row.conversation.chat_id), int(number))
        yield Turn(key, row.status, row.attempts, place, late, row.error)


def read_sends(bot: Bot) -> dict[Key, Send]:
    """Return the bot's answers to the messages that `read_turns` returns."""
    rows = OutboundMessage.objects.filter(conversation__bot=bot, inbound__isnull=False)
    found = {}
    for row in rows.select_related("inbound__conversation").iterator():
        for turn in _turn(row.inbound) if row.inbound else ():
            text = str(row.payload["body"].get("text", ""))
            found[turn.key] = Send(turn.key, row.status, row.attempts, text, row.error)
    return found


def read_states(bot: Bot) -> dict[int, str]:
    """Return the name of every chat's state."""
    states = ChatState.objects.filter(conversation__bot=bot)
    return {int(chat): name for chat, name in states.values_list("conversation__chat_id", "state__name")}


def read_posts(bot: Bot) -> dict[Key, Turn]:
    """Return what was posted to the bot's hooks with a number, once for each who is to be told."""
    found = {}
    for row in Notification.objects.filter(bot=bot, data__number__isnull=False).annotate(number=F("data__number")):
        for chat in Recipient.objects.filter(hook=row.hook_id).values_list("chat_id", flat=True):
            key = int(chat), int(row.number)
            found[key] = Turn(key, row.status, row.attempts, error=row.error)
    return found


def read_news(bot: Bot) -> dict[Key, Send]:
    """Return the calls that tell what `read_posts` returns."""
    rows = OutboundMessage.objects.filter(conversation__bot=bot, notification__data__number__isnull=False)
    numbers = dict(rows.values_list("pk", "notification__data__number"))
    found = {}
    for row in rows.filter(pk__in=numbers).select_related("conversation").iterator():
        key = int(row.conversation.chat_id), int(numbers[row.pk])
        found[key] = Send(key, row.status, row.attempts, str(row.payload["body"].get("text", "")), row.error)
    return found
