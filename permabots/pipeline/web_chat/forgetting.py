"""Forgetting a person: all that permabots has stored of them is deleted, also what is under way."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from permabots.database import alias, atomic
from permabots.models import (
    BotEvent,
    Chat,
    Contact,
    Conversation,
    InboundMessage,
    OutboundMessage,
    Recipient,
    WebBot,
    WebVisitor,
)
from permabots.models.bot_event import record
from permabots.pipeline.receiving import webhook_cache

PROVIDER = WebBot.SLUG


def forget(chat: WebBot, visitor: int) -> bool:
    """Delete a person: their sessions, messages and conversation, and what the bot kept of it.

    The visitor's row is locked first, as by whoever stores a message, then the conversation's, as by the worker that
    stores a turn. So what is under way is stored before, and deleted, or finds nothing that it could belong to: an
    answer then ends as `RecipientGone`.

    Args:
        chat: the web chat.
        visitor: the id of the visitor.

    Returns:
        False where they are gone already.
    """
    with atomic():
        rows = WebVisitor.objects.select_for_update().filter(web_bot=chat, pk=visitor)
        chat_id = rows.values_list("chat_id", flat=True).first()
        if chat_id is None:
            return False
        WebVisitor.objects.filter(pk=visitor).delete()
        if (bot := getattr(chat, "bot", None)) is not None:
            _forget_chat(bot.pk, chat_id, f"{chat.slug} {chat_id}")
    return True


def _forget_chat(bot: UUID, chat_id: str, contact: str) -> None:
    """Delete a conversation, and the person and the recipients that stand for it."""
    here = {"provider": PROVIDER, "chat_id": chat_id}
    held = Conversation.objects.select_for_update().filter(bot=bot, **here).order_by("pk")
    found = list(held.values_list("pk", "user_id", "topic"))
    pks = [pk for pk, *_ in found]
    people = list(Contact.objects.filter(conversations__in=pks).values_list("pk", flat=True))
    OutboundMessage.objects.filter(conversation__in=pks).order_by().only("pk").delete()
    InboundMessage.objects.filter(conversation__in=pks).order_by().only("pk").delete()
    Conversation.objects.filter(pk__in=pks).delete()
    for _, *place in found:
        webhook_cache.forget_conversation(bot, PROVIDER, chat_id, *place)
    Chat.objects.filter(bot=bot, **here).delete()
    Contact.objects.filter(Q(pk__in=people) | Q(external_id=contact), provider=PROVIDER, conversations=None).delete()
    if Recipient.objects.filter(hook__bot=bot, **here).delete()[0]:
        record([bot], BotEvent.Action.DELETED, Recipient, (), alias())
