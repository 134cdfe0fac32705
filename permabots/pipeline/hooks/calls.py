"""The outgoing messages of a notification: for each recipient, in their conversation."""

from __future__ import annotations

from collections.abc import Sequence

from permabots.models import Chat, Conversation, Notification, OutboundMessage, Recipient
from permabots.models.registry import providers
from permabots.pipeline.answering import translation
from permabots.pipeline.hooks.texts import HookTexts
from permabots.values import Address, Answer, Payload

GONE = "RecipientGone: the messenger said so less than 30 days ago, and they have not written since"


def store_calls(row: Notification, told: Sequence[tuple[Recipient, Answer]], texts: HookTexts) -> list[Conversation]:
    """Store each recipient's outgoing messages; those of a chat that was gone lately are skipped.

    Args:
        row: the notification.
        told: recipients, and what each is told.
        texts: gets the notes of what was changed to fit a messenger.

    Returns:
        The recipients' conversations, in their order.
    """
    conversations = [_conversation(row, recipient) for recipient, _ in told]
    gone = Chat.objects.unreachable(conversations)
    for (recipient, answer), conversation in zip(told, conversations, strict=True):
        payloads = _payloads(recipient, conversation, answer)
        translation.note(texts.trace, [note for payload in payloads for note in payload.notes])
        skipped = GONE if (conversation.provider, conversation.chat_id) in gone else ""
        OutboundMessage.objects.store(
            payloads, skipped=skipped, conversation=conversation, notification=row, recipient=recipient
        )
    return conversations


def _payloads(recipient: Recipient, conversation: Conversation, answer: Answer) -> list[Payload]:
    address = Address(recipient.chat_id, conversation.user_id, topic=recipient.topic)
    return providers()[recipient.provider].render(answer, address)


def _conversation(row: Notification, recipient: Recipient) -> Conversation:
    """Return a recipient's conversation: where its lease lives and its order is kept.

    One that names a topic has the topic's: a chat may be told in several topics, and once in each.
    """
    return Conversation.objects.get_or_create(
        bot_id=row.bot_id,
        provider=recipient.provider,
        chat_id=recipient.chat_id,
        user_id=recipient.user_id or providers()[recipient.provider].user_of_private_chat(recipient.chat_id),
        topic=recipient.topic,
    )[0]
