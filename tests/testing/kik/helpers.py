"""What the tests of the stand-in Kik share: a client of its API, and a bot's webhook."""

from __future__ import annotations

from typing import Any

import requests

from tests.testing.helpers import WebhookServer

BOT = "shopbot"
KEY = "gold-1"
CHAT = "chat1"
PERSON = "mara.o"


class KikWebhook(WebhookServer):
    """A bot's webhook."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the bot was told, in order of arrival."""
        return [message for update in self.updates for message in update["messages"]]

    @property
    def texts(self) -> list[str]:
        """The texts of the messages received, in order of arrival."""
        return [message["body"] for message in self.messages]


def call(
    base: str, verb: str, path: str, /, bot: str = BOT, key: str = KEY, **options: Any
) -> tuple[int, dict[str, Any]]:
    """Call Kik; returns the HTTP status and the body."""
    answer = requests.request(verb, f"{base}/v1/{path}", auth=(bot, key), timeout=10, **options)
    return answer.status_code, answer.json()


def configure(base: str, url: str, /, bot: str = BOT, key: str = KEY, **features: bool) -> tuple[int, dict[str, Any]]:
    """Set a bot's webhook."""
    return call(base, "POST", "config", bot, key, json={"webhook": url, "features": features})


def text(body: Any = "hi", /, **fields: Any) -> dict[str, Any]:
    """Return a text for the person."""
    return {"type": "text", "to": PERSON, "chatId": CHAT, "body": body, **fields}


def send(base: str, /, *messages: Any, bot: str = BOT, key: str = KEY) -> tuple[int, dict[str, Any]]:
    """Send messages in one call."""
    return call(base, "POST", "message", bot, key, json={"messages": list(messages)})


def suggested(*bodies: str, **fields: Any) -> dict[str, Any]:
    """Return a keyboard with these responses."""
    return {"type": "suggested", "responses": [{"type": "text", "body": body} for body in bodies], **fields}
