"""The provider Telegram."""

from __future__ import annotations

from permabots.providers.base.contract import Client, Credentials, Provider, Rates
from permabots.providers.telegram import context, keyboards, rendering, simulated_updates, topics, webhook
from permabots.providers.telegram.client import TelegramClient
from permabots.values import Inbound, Kind, Payload


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
        # The Bot API's FAQ: about 30 messages per second over all chats, one per second in a chat except for short
        # bursts, and 20 per minute in a group. The FAQ does not say how long a burst may be.
        "rate": "30",
        "chat_rate": "1",
        "chat_burst": "10",
        "group_rate": "0.33",
        "group_burst": "5",
    }
    can_poll = True
    has_topics = True

    verify = staticmethod(webhook.verify)
    parse = staticmethod(webhook.parse)
    moved_chat = staticmethod(webhook.moved_chat)
    simulated_update = staticmethod(simulated_updates.simulated_update)
    message_context = staticmethod(context.message_context)
    render = staticmethod(rendering.render)
    preview = staticmethod(rendering.preview)
    plainest = staticmethod(rendering.plainest)
    readdress = staticmethod(rendering.readdress)
    keyboard = staticmethod(keyboards.keyboard)
    topic_of = staticmethod(topics.topic_of)
    read_topic = staticmethod(topics.read_topic)
    without_topic = staticmethod(rendering.without_topic)

    def acknowledge(self, inbound: Inbound) -> list[Payload]:
        """Return the call that stops a pressed button's spinner; no calls for other events."""
        if inbound.kind is not Kind.BUTTON:
            return []
        query_id = inbound.raw["callback_query"]["id"]
        return [Payload("answerCallbackQuery", {"callback_query_id": query_id}, optional=True)]

    def user_of_private_chat(self, chat_id: str) -> str:
        """Return the id of a private chat, which is the person's id, too; "" for a group, whose id is negative."""
        return chat_id if chat_id.isdecimal() else ""

    def may_name_us(self, inbound: Inbound) -> bool:
        """Return whether an event is a command for a bot with another name: @BotFather may have renamed this bot."""
        return inbound.reason == webhook.OTHER_BOT

    def rates(self, chat_id: str) -> Rates:
        """Return how fast messages may be sent. Groups, whose ids are negative or names, have a rate of their own."""
        kind = "chat" if self.user_of_private_chat(chat_id) else "group"
        return Rates(self.number("rate", 0), self.number(f"{kind}_rate", 0), self.number(f"{kind}_burst", 1))

    def client(self, credentials: Credentials) -> Client:
        return TelegramClient(credentials["token"], self.options["api_url"])
