"""One row of everything that the admin shows."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin

from permabots.models import (
    Bot,
    BotEvent,
    ConversationTest,
    EnvironmentVar,
    Notification,
    Recipient,
)
from permabots.models.registry import providers
from permabots.pipeline.authoring import api_tokens
from permabots.pipeline.authoring.configuration import change_handler, create_hook
from tests.factories import answer, make_account, make_handler, say

SECRET = "sesame-open-0123456789"
TRACE = {
    "handler": {"id": "0", "name": "greeting"},
    "pattern": {"who": "Ann"},
    "rejected_total": 2,
    "rejected": [{"id": "1", "name": "other", "reason": "state"}, {"id": "2", "name": "old", "reason": "disabled"}],
    "request": {"method": "Get", "url": "http://api/", "status": 200, "data": {"ok": True}, "ms": 3.5},
    "texts": ["Hello Ann"],
    "keyboard": [[{"label": "Yes", "data": "Yes"}]],
    "state": {"from": "start", "to": "menu"},
    "undefined": ["nobody"],
    "notes": ["a note"],
    "ms": {"match": 0.12, "request": 3.5},
}


class World:
    """A bot with one row of each kind.

    Args:
        bot: the bot.
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.accounts = [make_account(bot, slug, SECRET) for slug in providers()]
        self.handler = make_handler(bot, target_state="menu")
        self.message = say(bot)
        answer(self.message)
        parameters = [{"key": "k", "value_template": "v"}]
        request = {"url_template": "http://x/", "url_parameters": parameters, "header_parameters": parameters}
        self.handler = change_handler(self.handler, {"request": request, "source_states": ["menu"]})
        self.variable = EnvironmentVar.objects.create(bot=bot, key="k", value=SECRET, secret=True)
        self.state = self.handler.source_states.get()
        self.hook = create_hook(bot, {"name": "hook", "response": {"text_template": "x"}})
        self.recipient = Recipient.objects.create(hook=self.hook, provider="telegram", chat_id="7", name="me")
        self.talk = self.message.conversation
        self.contact: Any = self.talk.contact
        self.call = self.message.outbound.get()
        self.chat_state = self.talk.chat_state
        self.notification = Notification.objects.create(bot=bot, hook=self.hook, data={"a": 1})
        self.test = ConversationTest.objects.create(
            bot=bot,
            name="test",
            provider="telegram",
            steps=[{"said": "hello", "messages": [{"text": "Hi", "buttons": []}], "state": None}],
        )
        rows = [
            *self.accounts,
            *(bot, self.handler, self.variable, self.state, self.hook, self.contact, self.talk),
            api_tokens.create(bot.owner, {"name": "server", "scopes": ["send"], "bots": [bot]})[0],
            *(self.message, self.call, self.chat_state, self.notification, self.test),
            BotEvent.objects.filter(bot=bot).latest("pk"),
        ]
        self.rows: dict[str, Any] = {str(row._meta.model_name): row for row in rows}


TABLES = sorted(str(model._meta.model_name) for model in admin.site._registry if model._meta.app_label == "permabots")
"""The tables that have pages."""


def database() -> dict[str, list[Any]]:
    """Return every row of permabots."""
    models = apps.get_app_config("permabots").get_models()
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}
