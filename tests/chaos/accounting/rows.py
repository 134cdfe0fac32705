"""The rows of a run, as evidence. Needs Django."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Min

from permabots.models import Bot, ChatState, InboundMessage, Notification, OutboundMessage, Recipient
from permabots.values import Json
from tests.chaos.accounting.bot import read_message
from tests.chaos.accounting.evidence import Key, Send, Turn


def read_turns(bot: Bot) -> dict[Key, Turn]:
    """Return the bot's incoming messages that `read_message` can read."""
    rows = InboundMessage.objects.filter(conversation__bot=bot).annotate(place=Min("outbound__pk"))
    return {turn.key: turn for row in rows.iterator() for turn in _turn(row, row.place)}


def _turn(row: InboundMessage, place: int | None = None) -> Iterator[Turn]:
    if (key := read_message(row.text or "")) is not None:
        yield Turn(key, row.status, row.attempts, place, "late" in (row.trace or {}), row.error)


def read_sends(bot: Bot) -> dict[Key, Send]:
    """Return the bot's answers to the messages that `read_turns` returns."""
    rows = OutboundMessage.objects.filter(conversation__bot=bot, inbound__isnull=False)
    found = {}
    for row in rows.select_related("inbound").iterator():
        for turn in _turn(row.inbound) if row.inbound else ():
            found[turn.key] = Send(turn.key, row.status, row.attempts, _text(row.payload["body"]), row.error)
    return found


def _text(body: dict[str, Json]) -> str:
    """Return the text of a call: to Telegram, or of the web chat."""
    return str(body.get("text") or body.get("markup") or "")


def read_states(bot: Bot) -> dict[int, str]:
    """Return the name of every chat's state."""
    texts = InboundMessage.objects.filter(conversation__bot=bot).values_list("conversation", "text")
    chats = {conversation: key[0] for conversation, text in texts if (key := read_message(text or "")) is not None}
    states = ChatState.objects.filter(conversation__bot=bot, conversation__in=chats)
    return {chats[conversation]: name for conversation, name in states.values_list("conversation", "state__name")}


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
        found[key] = Send(key, row.status, row.attempts, _text(row.payload["body"]), row.error)
    return found
