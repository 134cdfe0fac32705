"""A bot for the examples of the documentation: each is saved through the REST API, and answered through it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from permabots.models import Bot
from permabots.values import Json
from tests.api.conftest import Api

ADDRESS = "https://api.example.com/"


class DocsBot:
    """A bot of an author who calls the API.

    Args:
        bot: the bot.
        api: its owner's calls.
    """

    def __init__(self, bot: Bot, api: Api) -> None:
        self._api = api
        self._base = f"bots/{bot.pk}/"

    def save(self, *, pattern: str = "x", text: str = "x", keyboard: str = "", request: Any = None) -> Any:
        """Return what the API answers to a new handler."""
        response = {"text_template": text, "keyboard_template": keyboard}
        body = {"name": "example", "pattern": pattern, "response": response, "request": request}
        return self._api.post(self._base + "handlers/", body)

    def answer(self, context: Mapping[str, Json], *, request: Any = None, **templates: Any) -> dict[str, Any]:
        """Return what the bot answers by templates that see a context.

        Args:
            context: what they see: ``pattern``, ``env``, ``response`` and ``state_context``.
            request: the handler's request; where there is none, but a response, one that asks for nothing special.
            templates: as `save` takes them.
        """
        for key, value in context.get("env", {}).items():
            self._accepted(self._api.post(self._base + "env/", {"key": key, "value": value}))
        groups = context.get("pattern", {})
        found = {name: value for name, value in groups.items() if value is not None}
        if "response" in context and request is None:
            request = {"url_template": ADDRESS}
        self._accepted(self.save(pattern=_pattern(groups), request=request, **templates))
        question = {
            "service": "telegram",
            "text": "".join(found.values()) or "x",
            "contexts": context.get("state_context", {}),
            "response": context.get("response", {"status": 200, "data": {}}),
        }
        shown: dict[str, Any] = self._accepted(self._api.post(self._base + "simulate/", question))
        assert shown["handler"], shown["trace"]
        return shown

    @staticmethod
    def _accepted(answer: Any) -> Any:
        assert answer.status_code in (200, 201), answer.content.decode()
        return answer.json()


def _pattern(groups: Mapping[str, str | None]) -> str:
    """Return a regular expression whose groups catch these values, one behind the other."""
    if not groups:
        return "x"
    caught = "".join(f"(?P<{name}>{re.escape(value)})" for name, value in groups.items() if value is not None)
    return caught + "".join(f"(?P<{name}>never)?" for name, value in groups.items() if value is None)


def rows_of(shown: Mapping[str, Any]) -> list[list[str]]:
    """Return a simulated answer's buttons as the documentation writes them."""
    return [[_button(button) for button in row] for row in shown["keyboard"]]


def _button(button: Mapping[str, Any]) -> str:
    return f"{button['label']} ⇒ {button['url']}" if button["url"] else f"{button['label']} → {button['data']}"
