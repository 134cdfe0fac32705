"""A hook made by the REST API, posted to over HTTP, and delivered to the stand-in Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from rest_framework.authtoken.models import Token

from permabots.models import Bot
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.pipeline.hooks import notifications
from permabots.pipeline.operating import sweep
from permabots.testing import TelegramServer
from tests.api.conftest import Api
from tests.factories import make_bot

TEXT = "Order {{ data.order }} is ready in {{ data.minutes }} minutes."
FORM = "application/x-www-form-urlencoded"
DATA = {"order": 7, "minutes": 5}
TOLD = "Order 7 is ready in 5 minutes."


@dataclass
class Owner:
    """Whoever owns a bot, and calls permabots from their own system.

    Args:
        site: where permabots is.
        telegram: where people are told.
        bot: connected to Telegram.
    """

    site: str
    telegram: TelegramServer
    bot: Bot = field(default_factory=make_bot)

    def __post_init__(self) -> None:
        integrations.attach(self.bot, "telegram", {"token": "4242:token"})

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Token {Token.objects.get_or_create(user=self.bot.owner)[0].key}"}

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the REST API below the bot, without a socket: only posts are tested here; returns what it answers."""
        answer = Api(self.bot.owner)(method, f"bots/{self.bot.pk}/{path}", body)
        assert answer.status_code < 400, answer.content
        return answer.json() if answer.content else None

    def hook(self, people: Mapping[str, int], text: str = TEXT, **values: Any) -> Any:
        """Make a hook that tells people, by their names and chats at Telegram."""
        made = self.api("POST", "hooks/", {"name": "hook", "response": {"text_template": text}, **values})
        for name, chat in people.items():
            self.api("POST", f"hooks/{made['id']}/recipients/telegram/", {"chat_id": chat, "name": name})
        return self.api("GET", f"hooks/{made['id']}/")

    def post(self, hook: Any, body: Any = None, content_type: str = "", query: Any = None, **headers: str) -> Any:
        """Post to a hook: JSON, or bytes of a type."""
        raw = {"data": body, "headers": {"Content-Type": content_type}} if content_type else {"json": body}
        headers = {**self.token, **raw.pop("headers", {}), **headers}
        url = f"{self.site}/processing/hook/{hook['key']}/"
        return requests.post(url, params=query, headers=headers, timeout=10, **raw)

    def told(self, *chats: int) -> list[list[str]]:
        """Do what workers would do, and return what each chat was told."""
        while waiting := sweep.due_notifications():
            for pk in waiting:
                for woken in notifications.fan_out(pk):
                    draining.drain(woken.conversation_id, woken.provider)
        return [self.telegram.texts(chat) for chat in chats]
