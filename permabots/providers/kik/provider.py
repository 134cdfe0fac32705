"""Kik: facts first. Where no other source is named, they are those of Kik's own library, ``kik`` 1.5.0."""

from __future__ import annotations

from typing import Any

from permabots.providers.base.contract import Client, Credentials, Provider
from permabots.providers.kik import context, rendering, simulated_updates, webhook
from permabots.providers.kik.client import NULL_URL, KikClient
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


class Kik(Provider):
    """Kik's bot API, or a server that speaks it (``KIK_API_URL``)."""

    slug = "kik"
    name = "Kik"
    model = "permabots.KikBot"
    credential_fields = ("username", "api_key")
    verify_fields = ("api_key",)
    limits = rendering.LIMITS
    has_users = True
    recipient_fields = ("chat_id", "user_id")
    integer_ids = False
    default_options = {
        "api_url": "https://api.kik.com",
        # Kik told its developers of a budget of 20 messages for each person, refilled by what the person writes, and of
        # a limit a second that it never put into numbers: these stay below both.
        "rate": "20",
        "chat_rate": "1",
        "chat_burst": "20",
    }
    null_url = NULL_URL

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        webhook.verify(request, credentials)

    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return webhook.parse(request)

    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        """Return a call with one text: a tapped response is one too, and nothing tells them apart."""
        return simulated_updates.call(text, chat_id, user_id)

    def message_context(self, inbound: Inbound) -> dict[str, Any]:
        return context.message_context(inbound)

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        return rendering.render(answer, address)

    def keyboard(self, rows: Keyboard) -> Json:
        return rendering.keyboards(rows)

    def preview(self, payload: Payload) -> list[DisplayedMessage]:
        return rendering.preview(payload)

    def plainest(self, payload: Payload, refusal: str) -> Payload | None:
        return rendering.plainest(payload)

    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return rendering.readdress(payload, chat_id)

    def client(self, credentials: Credentials) -> Client:
        return KikClient(credentials["username"], credentials["api_key"], self.options["api_url"])
