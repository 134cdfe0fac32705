"""A chat that goes on under another id (a Telegram group that became a supergroup).

The provider says so twice: in service messages, before anybody writes there, and in the refusal of a message that is
sent to the old id. Either moves the chat, and again does no harm. States, what waits to be sent and the recipients of
hooks go along; what was said before stays where it was said.

Conversations of the chat take the new id as they are. Where somebody has written under the new id already, there is a
conversation for it: the state that was written last is kept, and rows that wait go there, unless a worker holds the
conversation that they are in: rows never change their conversation under a lease. Those are sent to the old id, are
refused, and move then.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from permabots import logs
from permabots.database import after_commit, atomic
from permabots.models import ChatState, Conversation, InboundMessage, OutboundMessage, Recipient
from permabots.models.legacy_api import outbound_stored
from permabots.models.registry import providers
from permabots.models.revision import raise_revision

logger = logs.get_logger(__name__)

DUPLICATE_RECIPIENT = "its chat became another recipient of the same notification"


def follow(bot_id: UUID, slug: str, old: str, new: str, holder: UUID | None = None) -> None:
    """Move everything of a chat to the id that the chat has now.

    Args:
        bot_id: the bot.
        slug: the provider.
        old: the id that the chat had.
        new: the id that it has.
        holder: the lease of the caller, where it holds a conversation of the chat.
    """
    if old == new:
        return
    with atomic():
        chats = Conversation.objects.filter(bot=bot_id, provider=slug)
        taken = {(row.user_id, row.topic): row for row in chats.filter(chat_id=new)}
        _readdress(slug, chats.filter(chat_id=old), new)
        same = chats.filter(chat_id=old, user_id__in={user for user, _ in taken}).order_by("pk")
        doubled = [row for row in same if (row.user_id, row.topic) in taken]
        for row in doubled:
            _join(row, taken[row.user_id, row.topic], holder)
        chats.filter(chat_id=old).exclude(pk__in=[row.pk for row in doubled]).update(chat_id=new)
        _move_recipients(bot_id, slug, old, new)
    logger.info("a chat of bot %s on %s goes on under another id", bot_id, slug)


def _readdress(slug: str, chats: Any, new: str) -> None:
    provider = providers()[slug]
    for row in OutboundMessage.objects.unfinished().filter(conversation__in=list(chats.values_list("pk", flat=True))):
        payload = OutboundMessage.stored(provider.readdress(row.call(), new))
        OutboundMessage.objects.filter(pk=row.pk).update(payload={**row.payload, **payload})


def _join(old: Conversation, new: Conversation, holder: UUID | None) -> None:
    """Merge a conversation into the one of the same person under the chat's new id."""
    _keep_latest_state(old, new)
    # A row lock: nobody takes the conversation before this is committed. Who held it too long has lost it.
    free = Q(lease_token=None) | Q(lease_expires_at__lt=Now()) | Q(lease_token=holder, lease_token__isnull=False)
    if not Conversation.objects.filter(free, pk=old.pk).update(last_woken_at=None):
        return
    Conversation.objects.filter(pk=old.pk).exclude(lease_token=holder).update(lease_token=None, lease_expires_at=None)
    told = OutboundMessage.objects.filter(conversation=new, notification=OuterRef("notification"))
    unsent = OutboundMessage.objects.unfinished().filter(conversation=old)
    twice = list(unsent.filter(Exists(told), notification__isnull=False).values_list("pk", flat=True))
    OutboundMessage.objects.filter(pk__in=twice).update(
        status=OutboundMessage.Status.SKIPPED, error=DUPLICATE_RECIPIENT
    )
    moved = unsent.update(conversation=new)
    moved += InboundMessage.objects.unfinished().filter(conversation=old).update(conversation=new)
    if moved:
        after_commit(outbound_stored.send, Conversation, conversation=new)


def _keep_latest_state(old: Conversation, new: Conversation) -> None:
    states = {row.conversation_id: row for row in ChatState.objects.filter(conversation__in=[old, new])}
    mine, theirs = states.get(old.pk), states.get(new.pk)
    if mine is None or (theirs is not None and theirs.updated_at >= mine.updated_at):
        return
    if theirs is not None:
        ChatState.objects.filter(pk=theirs.pk).delete()
    ChatState.objects.filter(pk=mine.pk).update(conversation=new)


def _move_recipients(bot_id: UUID, slug: str, old: str, new: str) -> None:
    rows = Recipient.objects.filter(hook__bot=bot_id, provider=slug, chat_id=old)
    if not rows.exists():
        return
    place = {name: OuterRef(name) for name in ("hook", "user_id", "topic")}
    same = Recipient.objects.filter(provider=slug, chat_id=new, **place)
    doubled = list(rows.filter(Exists(same)).values_list("pk", flat=True))
    Recipient.objects.filter(pk__in=doubled).delete()
    Recipient.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(chat_id=new)
    raise_revision([bot_id])
