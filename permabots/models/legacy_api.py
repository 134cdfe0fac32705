"""The documented methods of an integration that deal with messages, written once over the provider contract."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.dispatch import Signal

from permabots.database import atomic
from permabots.models.conversation import Conversation
from permabots.models.notification import Notification
from permabots.models.outbox import OutboundMessage
from permabots.models.registry import providers
from permabots.models.state import ChatState, State
from permabots.providers.base.contract import Provider
from permabots.values import Address, Answer, Button, Inbound, Json, Keyboard

outbound_stored = Signal()
"""Sent when code stored messages outside of a turn: with ``conversation``, the row. The receiver wakes a worker."""


class MessageMethods(models.Model):
    """Methods for code that has an integration. A base of `IntegrationBot`, without columns."""

    class Meta:
        abstract = True

    SLUG: ClassVar[str]
    bot: Any
    """The bot, from either side of the one-to-one relation."""

    @property
    def provider(self) -> Provider:
        """The provider's rules."""
        return providers()[self.SLUG]

    def message_text(self, message: Inbound) -> str | None:
        """Return the text in which patterns are searched, None for an ignored event."""
        return message.text

    def get_chat_id(self, message: Inbound) -> str:
        """Return the provider's id of the message's chat."""
        return message.chat_id

    def get_chat_state(self, message: Inbound) -> ChatState | None:
        """Return the state of the message's chat, None where the chat has none."""
        place = {"chat_id": message.chat_id, "user_id": message.user_id, "topic": self._topic(message)}
        talks = Conversation.objects.filter(bot=self.bot, provider=self.SLUG, **place)
        return ChatState.objects.filter(conversation__in=talks).first()

    def create_chat_state(self, message: Inbound, target_state: State, context: Json) -> ChatState:
        """Store the state of the message's chat.

        Args:
            message: a message of the chat.
            target_state: the state.
            context: the contexts of the chat.
        """
        conversation = self.conversation(message.chat_id, message.user_id, self._topic(message))
        return ChatState.objects.create(
            conversation=conversation, provider=self.SLUG, state=target_state, contexts=context
        )

    def build_keyboard(self, keyboard: list[Any]) -> Json:
        """Return rows of texts as a keyboard of the provider."""
        return self.provider.keyboard(_rows(keyboard))

    def send_message(
        self, chat_id: str | int, text: str, keyboard: Any, reply_message: Inbound | None = None, user: Any = None
    ) -> list[OutboundMessage]:
        """Store a message to a chat; a worker sends it, in order with the chat's other messages.

        Args:
            chat_id: the provider's id of the chat.
            text: a text with Telegram's HTML tags; backslash-n begins a new message.
            keyboard: rows of texts, or an empty list.
            reply_message: the message to quote; the answer goes to its topic.
            user: the person in the chat, for providers that need one.

        Returns:
            The stored rows; none for an empty text.
        """
        chat = str(chat_id)
        person = str(user or self.provider.user_of_private_chat(chat))
        conversation = self.conversation(chat, person, self._topic(reply_message) if reply_message else "")
        texts = tuple(part for piece in text.split("\\n") if (part := piece.strip()))
        quoted, topic = (reply_message.reply_to, self.provider.topic_of(reply_message)) if reply_message else ("", "")
        address = Address(chat, conversation.user_id, quoted, topic)
        payloads = self.provider.render(Answer(texts, _rows(keyboard)), address)
        if not payloads:
            return []
        with atomic():
            notice = Notification.objects.create(
                bot_id=conversation.bot_id, status=Notification.Status.DONE, total=1, data={"text": text}
            )
            rows = OutboundMessage.objects.store(payloads, conversation=conversation, notification=notice)
        outbound_stored.send(sender=type(self), conversation=conversation)
        return rows

    def conversation(self, chat_id: str, user_id: str, topic: str = "") -> Conversation:
        """Return the conversation of a chat; create it where there is none."""
        place: dict[str, Any] = {"chat_id": chat_id, "user_id": user_id, "topic": topic}
        return Conversation.objects.get_or_create(bot=self.bot, provider=self.SLUG, **place)[0]

    def _topic(self, message: Inbound) -> str:
        """Return the topic of the conversation that a message belongs to, "" for the whole chat."""
        return self.provider.topic_of(message) if self.bot.separate_topics else ""


def _rows(keyboard: Any) -> Keyboard:
    rows = [row if isinstance(row, list | tuple) else [row] for row in keyboard or ()]
    return tuple(tuple(Button(str(label), data=str(label)) for label in row) for row in rows)
