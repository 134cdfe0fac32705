"""Facebook Messenger: facts first."""

from __future__ import annotations

from typing import Any

from permabots.providers.base.contract import Client, Credentials, Provider
from permabots.providers.messenger import context, rendering, simulated_updates, webhook
from permabots.providers.messenger.client import MessengerClient
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


class Messenger(Provider):
    """Facebook Messenger: a chat is one person (by the id that they have for this page) and the page.

    The webhook's address and its verify token, which is the integration's id, are typed into the Facebook app's
    dashboard; connecting subscribes the app to the page.
    """

    slug = "messenger"
    name = "Facebook Messenger"
    model = "permabots.MessengerBot"
    credential_fields = ("token", "app_secret")
    verify_fields = ("app_secret",)
    limits = rendering.LIMITS
    has_users = False
    recipient_fields = ("chat_id",)
    integer_ids = False
    default_options = {
        "api_url": "https://graph.facebook.com",
        "api_version": "v26.0",
        # A page's inbox takes 40 messages a second (the Send API itself 300 calls); for a person no limit is told.
        "rate": "40",
    }

    def handshake(self, request: WebhookRequest, credentials: Credentials) -> str:
        return webhook.handshake(request, credentials)

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        webhook.verify(request, credentials)

    def can_verify(self, credentials: Credentials) -> bool:
        """Whether an app secret is stored: without it, anybody who knows the address is believed."""
        return bool(credentials.get("app_secret"))

    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return webhook.parse(request)

    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        return simulated_updates.call(text, kind, chat_id)

    def message_context(self, inbound: Inbound) -> dict[str, Any]:
        return context.message_context(inbound)

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        return rendering.render(answer, address)

    def keyboard(self, rows: Keyboard) -> Json:
        return rendering.buttons(rows)

    def preview(self, payload: Payload) -> list[DisplayedMessage]:
        return rendering.preview(payload)

    def plainest(self, payload: Payload, refusal: str) -> Payload | None:
        return rendering.plainest(payload)

    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return rendering.readdress(payload, chat_id)

    def client(self, credentials: Credentials) -> Client:
        api_url, version = self.options["api_url"].rstrip("/"), self.options["api_version"].strip("/")
        return MessengerClient(credentials["token"], credentials.get("app_secret", ""), f"{api_url}/{version}")
