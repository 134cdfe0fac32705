"""The web chat holds what every provider must hold. Its messages are stored, so its suite reads them back."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import WebBot, WebMessage, WebVisitor
from permabots.pipeline.authoring.integrations import attach
from permabots.providers.base.contract import Client
from permabots.providers.base.markup import plain
from permabots.providers.web.provider import Web
from permabots.testing.contract import ProviderContract, Shown
from permabots.values import Button, Identity, Json, Payload
from tests.factories import make_bot
from tests.providers import fixtures


@pytest.mark.django_db
@pytest.mark.sqlite
class TestWeb(ProviderContract):
    provider = Web
    fixtures = fixtures.FOLDER / "web"
    credentials = {}
    answers = {}
    identity = Identity("shop", "shop")
    chat_id = "i:ada"
    user_id = ""
    other_chat_id = "i:grace"

    def account(self) -> Client:
        row: Any = attach(make_bot(), "web", {})
        for chat_id in (self.chat_id, self.other_chat_id):
            WebVisitor.objects.create(web_bot=row, chat_id=chat_id)
        client: Client = row.client()
        return client

    def stored(self, client: Client, chat_id: str) -> list[Shown]:
        rows = WebMessage.objects.filter(visitor__in=people(client, chat_id)).order_by("number")
        return [shown(chat_id, row.body) for row in rows]

    def forget(self, client: Client, chat_id: str) -> None:
        people(client, chat_id).delete()

    def shown(self, payload: Payload) -> list[Shown]:
        return [shown(payload.body["chat"], payload.body)]


def people(client: Client, chat_id: str) -> Any:
    """Return whoever talks in a chat of a client's account."""
    return WebVisitor.objects.filter(web_bot=WebBot.objects.get(account=client.identify().id), chat_id=chat_id)


def shown(chat_id: str, body: Json) -> Shown:
    rows = tuple(tuple(Button(it["label"], it.get("data"), it.get("url")) for it in row) for row in body["keyboard"])
    return Shown(chat_id, plain(body["markup"]), rows)
