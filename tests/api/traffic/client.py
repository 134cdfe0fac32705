"""Calls of the API as its users make them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.forms.models import model_to_dict
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots.models import Bot

ROOT = "/api/bots"


class ApiClient:
    """Calls about one bot, by its owner.

    Args:
        bot: whose messages, hooks and simulations.
        user: another caller than its owner; None for the owner.
    """

    def __init__(self, bot: Bot, user: Any = None) -> None:
        self.bot = bot
        token, _ = Token.objects.get_or_create(user=user or bot.owner)
        self.headers = {"Authorization": f"Token {token.key}"}

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to a GET of what lies under the bot."""
        return Client().get(self.url(path), query, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the answer to a POST of JSON."""
        return Client().post(self.url(path), body, "application/json", headers=self.headers)

    def follow(self, url: str) -> Any:
        """Return the JSON of a whole address."""
        return Client().get(url, headers=self.headers).json()

    def url(self, path: str) -> str:
        return f"{ROOT}/{self.bot.pk}/{path}"


def tables() -> dict[str, Any]:
    """Return every row of every table."""
    return {
        model._meta.label: [
            {**model_to_dict(row), "pk": row.pk, **row.__dict__, "_state": None}
            for row in model._default_manager.order_by("pk")
        ]
        for model in apps.get_models()
        if not model._meta.proxy
    }
