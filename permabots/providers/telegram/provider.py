"""Telegram: facts first."""

from __future__ import annotations

from typing import Any

from permabots.providers.base.contract import Client, Credentials, Provider, Rates
from permabots.providers.telegram import context, keyboards, rendering, simulated_updates, topics, webhook
from permabots.providers.telegram.client import TelegramClient
from permabots.values import (
    Address,
    Answer,
    DisplayedMessage,
    Identity,
    Inbound,
    Json,
    Keyboard,
    Kind,
    Payload,
    WebhookRequest,
)


class Telegram(Provider):
    """Telegram's Bot API, hosted or self-hosted (``TELEGRAM_API_URL``)."""

    slug = "telegram"
    name = "Telegram"
    model = "permabots.TelegramBot"
    credential_fields = ("token",)
    verify_fields = ("webhook_secret", "previous_webhook_secret", "next_webhook_secret")
    limits = rendering.LIMITS
    has_users = True
    recipient_fields = ("chat_id",)
    integer_ids = True
    default_options = {
        "api_url": "https://api.telegram.org",
        # The Bot API's FAQ: about 30 messages a second over all chats, one a second in a chat but for short bursts, and
        # 20 a minute in a group. How long a burst may be it does not say.
        "rate": "30",
        "chat_rate": "1",
        "chat_burst": "10",
        "group_rate": "0.33",
        "group_burst": "5",
    }
    can_poll = True
    has_topics = True

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        webhook.verify(request, credentials)

    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return [webhook.parse(request, identity)]

    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        return simulated_updates.update(text, kind, int(chat_id), int(user_id))

    def message_context(self, inbound: Inbound) -> dict[str, Any]:
        return context.message_context(inbound)

    def acknowledge(self, inbound: Inbound) -> list[Payload]:
        """Stop the pressed button's spinner, which a client shows until the press is answered."""
        if inbound.kind is not Kind.BUTTON:
            return []
        query_id = inbound.raw["callback_query"]["id"]
        return [Payload("answerCallbackQuery", {"callback_query_id": query_id}, optional=True)]

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        return rendering.render(answer, address)

    def keyboard(self, rows: Keyboard) -> Json:
        board = keyboards.whole(rows)
        return board.markup if board.rows else rendering.REMOVED

    def preview(self, payload: Payload) -> list[DisplayedMessage]:
        return rendering.preview(payload)

    def topic_of(self, inbound: Inbound) -> str:
        return topics.topic_of(inbound)

    def read_topic(self, topic: str) -> str:
        return topics.read_topic(topic)

    def plainest(self, payload: Payload, refusal: str) -> Payload | None:
        return rendering.plainest(payload)

    def without_topic(self, payload: Payload, refusal: str) -> Payload | None:
        return rendering.without_topic(payload, refusal)

    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return rendering.readdress(payload, chat_id)

    def user_of_private_chat(self, chat_id: str) -> str:
        """Return the chat's id where the chat is private: it is the person's, and groups have negative ones."""
        return chat_id if chat_id.isdecimal() else ""

    def moved_chat(self, inbound: Inbound) -> tuple[str, str] | None:
        """A group becomes a supergroup: one message says so in the old chat, one in the new."""
        return webhook.moved_chat(inbound)

    def may_name_us(self, inbound: Inbound) -> bool:
        """A command for a bot with another name: @BotFather may have renamed this one."""
        return inbound.reason == webhook.OTHER_BOT

    def rates(self, chat_id: str) -> Rates:
        """Return how fast may be sent: groups, whose ids are negative or names, have a rate of their own."""
        kind = "chat" if self.user_of_private_chat(chat_id) else "group"
        return Rates(self.number("rate", 0), self.number(f"{kind}_rate", 0), self.number(f"{kind}_burst", 1))

    def client(self, credentials: Credentials) -> Client:
        return TelegramClient(credentials["token"], self.options["api_url"])
