"""A person with a browser, without the browser: what `chat.js` sends, and what it gets."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from permabots.models import Bot, Conversation, WebBot
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.integrations import attach
from tests.factories import make_bot, make_handler


def make_chat(bot: Bot | None = None, **values: Any) -> WebBot:
    """A bot's web chat, connected as its author does it; the bot knows ``hello``."""
    if bot is None:
        bot = make_bot()
        make_handler(bot, "hello", "Hi", keyboard='[["one", "two"]]')
    row: Any = attach(bot, "web", values)
    return row


class Person:
    """Somebody who talks in a web chat.

    Args:
        chat: the chat.
        headers: of all their calls.
    """

    def __init__(self, chat: WebBot, **headers: str) -> None:
        self.chat = chat
        self.address = f"/chat/{chat.slug}/"
        self.client = Client(headers=headers)
        self.token = ""

    def call(self, method: str, where: str, body: Any = None, token: str | None = None) -> Any:
        """Make a call; the token that is known goes with it."""
        shown = self.token if token is None else token
        headers = {"Authorization": f"Bearer {shown}"} if shown else {}
        content = {"content_type": "application/json"} if body is not None else {}
        return self.client.generic(
            method, self.address + where, "" if body is None else _json(body), headers=headers, **content
        )

    def post(self, **values: Any) -> Any:
        """Send a message; returns the answer."""
        answer = self.call("POST", "messages/", {"id": str(uuid4()), **values})
        if answer.status_code == 202:
            self.token = answer.json().get("token", self.token)
        return answer

    def say(self, text: str) -> int:
        """Send a text that is taken; returns its number."""
        answer = self.post(text=text)
        assert answer.status_code == 202, answer.content
        return int(answer.json()["number"])

    def see(self, after: int = 0) -> list[Any]:
        """Return the messages after a number."""
        answer = self.call("GET", f"messages/?after={after}")
        return answer.json()["messages"] if answer.status_code == 200 else []

    def texts(self) -> list[str]:
        """Return all that is said, each text after its author's first letter."""
        return [
            f"{it['author'][0]}:{it.get('text') or ''.join(run['text'] for run in it['runs'])}" for it in self.see()
        ]


def work() -> None:
    """Do what workers do: answer and deliver in all conversations."""
    for pk, provider in Conversation.objects.values_list("pk", "provider"):
        draining.drain(pk, provider)


def _text(message: Any) -> str:
    return message.get("text") or "".join(run["text"] for run in message["runs"])


def _json(body: Any) -> str | bytes:

    return body if isinstance(body, str | bytes) else json.dumps(body)
