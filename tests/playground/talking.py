"""Talking to a bot as the script of the playground does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from permabots.models import Bot
from tests.admin.conftest import Browser, url

API = {"url_template": "http://127.0.0.1:9/"}
LONG = f"go {'x' * 80}"


@dataclass
class Talk:
    """One column of the page.

    Args:
        browser: who talks.
        bot: to whom.
        service: on which messenger.
        session: what the page keeps.
    """

    browser: Browser
    bot: Bot
    service: str = "telegram"
    session: str = ""
    state: str | None = field(default=None, init=False)

    def ask(self, text: str, **body: Any) -> Any:
        """Send what the script sends; returns the whole answer."""
        asked = {"service": self.service, "session": self.session, "text": text, "kind": "text", "response": None}
        return self.post("playground_say", {**asked, **body})

    def say(self, text: str, **body: Any) -> str:
        """Say something that can be said; returns what is put into the page."""
        answer = self.ask(text, **body)
        assert answer.status_code == 200, answer.content
        found = answer.json()
        self.session, self.state = found["session"], found["state"]
        return str(found["html"])

    def press(self, data: str, **body: Any) -> str:
        return self.say(data, kind="button", **body)

    def refused(self, text: str = "hello", **body: Any) -> str:
        """Say something that is refused; returns why."""
        answer = self.ask(text, **body)
        assert answer.status_code == 400, answer.content
        return "; ".join(answer.json()["errors"])

    def save(self, name: str = "order", **body: Any) -> Any:
        return self.post("playground_save", {"service": self.service, "session": self.session, "name": name, **body})

    def post(self, page: str, body: Any) -> Any:
        source = body if isinstance(body, str) else json.dumps(body)
        return self.browser.client.post(url(f"bot_{page}", self.bot.pk), source, content_type="application/json")


def canned(data: Any, status: int = 200) -> dict[str, Any]:
    """Return an answer of the API as it is typed in."""
    return {"status": status, "data": json.dumps(data)}


def messages(html: str) -> list[str]:
    """Return the texts of the bot in a piece of the page."""
    return re.findall(r"The bot: </span>(.*?)</div>", html, re.DOTALL)
