"""The provider Facebook Messenger."""

from __future__ import annotations

from datetime import datetime

from permabots.providers.base.contract import Client, Credentials, Provider
from permabots.providers.messenger import context, rendering, simulated_updates, webhook
from permabots.providers.messenger.client import MessengerClient
from permabots.providers.messenger.json_parsing import sent_at
from permabots.values import Inbound, WebhookRequest


class Messenger(Provider):
    """Facebook Messenger: a chat is one person (with an id for this page) and the page.

    The author enters the webhook's address and its verify token, which is the integration's id, in the Facebook app's
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
    events_per_call = 1000
    default_options = {
        "api_url": "https://graph.facebook.com",
        "api_version": "v26.0",
        # A page's inbox takes 40 messages per second (the Send API itself 300 calls); no limit for a person is known.
        "rate": "40",
        "allow_unsigned": "false",
        "replay_window": "0",
    }

    handshake = staticmethod(webhook.handshake)
    parse = staticmethod(webhook.parse)
    simulated_update = staticmethod(simulated_updates.simulated_update)
    message_context = staticmethod(context.message_context)
    render = staticmethod(rendering.render)
    preview = staticmethod(rendering.preview)
    plainest = staticmethod(rendering.plainest)
    readdress = staticmethod(rendering.readdress)
    keyboard = staticmethod(rendering.keyboard)

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        webhook.verify(request, credentials, allow_unsigned=self.flag("allow_unsigned"))

    def can_verify(self, credentials: Credentials) -> bool:
        """Return whether an app secret is stored: without it, no call can be told from a forged one."""
        return bool(credentials.get("app_secret"))

    def missing_secret(self, credentials: Credentials) -> str:
        """Return ``app_secret`` where none is stored, unless unsigned calls are allowed."""
        return "" if self.can_verify(credentials) or self.flag("allow_unsigned") else "app_secret"

    def sent_at(self, inbound: Inbound) -> datetime | None:
        """Return the event's ``timestamp``, which Facebook signs with the rest of the call."""
        return sent_at(inbound.raw.get("timestamp"))

    def client(self, credentials: Credentials) -> Client:
        api_url, version = self.options["api_url"].rstrip("/"), self.options["api_version"].strip("/")
        return MessengerClient(credentials["token"], credentials.get("app_secret", ""), f"{api_url}/{version}")
