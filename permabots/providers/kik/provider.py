"""The provider Kik. Where no other source is named, its facts are those of Kik's own library, ``kik`` 1.5.0."""

from __future__ import annotations

from datetime import datetime

from permabots.providers.base.contract import Client, Credentials, Provider
from permabots.providers.base.json_parsing import from_unix
from permabots.providers.kik import context, rendering, simulated_updates, webhook
from permabots.providers.kik.client import NULL_URL, KikClient
from permabots.values import Inbound


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
    user_field = "username"
    integer_ids = False
    default_options = {
        "api_url": "https://api.kik.com",
        # Kik documented a budget of 20 messages for each person, refilled by the person's own messages, and a limit per
        # second without a number: these values stay below both.
        "rate": "20",
        "chat_rate": "1",
        "chat_burst": "20",
        "replay_window": "0",
    }
    null_url = NULL_URL

    verify = staticmethod(webhook.verify)
    parse = staticmethod(webhook.parse)
    simulated_update = staticmethod(simulated_updates.simulated_update)
    message_context = staticmethod(context.message_context)
    render = staticmethod(rendering.render)
    preview = staticmethod(rendering.preview)
    plainest = staticmethod(rendering.plainest)
    readdress = staticmethod(rendering.readdress)
    keyboard = staticmethod(rendering.keyboard)

    def sent_at(self, inbound: Inbound) -> datetime | None:
        """Return the message's ``timestamp``, which Kik signs with the rest of the call."""
        return from_unix(inbound.provider_sequence // 1000)

    def client(self, credentials: Credentials) -> Client:
        return KikClient(credentials["username"], credentials["api_key"], self.options["api_url"])
