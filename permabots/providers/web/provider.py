"""The provider Web chat: a page of this project is the messenger, so its rules are ours."""

from __future__ import annotations

from collections.abc import Callable

from permabots.exceptions import WebhookRejected
from permabots.providers.base.contract import Client, Credentials, Provider
from permabots.providers.web import context, rendering, simulated_updates, webhook
from permabots.providers.web.client import Store, WebClient
from permabots.values import Sender, WebhookRequest


class Web(Provider):
    """The web chat: it has no server beyond this project, and no calls between them."""

    slug = "web"
    name = "Web chat"
    model = "permabots.WebBot"
    credential_fields = ()
    verify_fields = ()
    limits = rendering.LIMITS
    has_users = False
    has_webhook = False
    recipient_fields = ("chat_id",)
    integer_ids = False
    default_options = {"rate": "0", "chat_rate": "0", "chat_burst": "1"}

    parse = staticmethod(webhook.parse)
    simulated_update = staticmethod(simulated_updates.simulated_update)
    message_context = staticmethod(context.message_context)
    render = staticmethod(rendering.render)
    preview = staticmethod(rendering.preview)
    readdress = staticmethod(rendering.readdress)
    keyboard = staticmethod(rendering.keyboard)

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Refuse every call: people come in by the page, which knows who they are.

        Raises:
            WebhookRejected: always.
        """
        raise WebhookRejected("the web chat has no webhook")

    def client(self, credentials: Credentials) -> Client:
        """Return a client that keeps no messages: `client_of` makes those of accounts."""
        return self.client_of(None, Sender(""))

    def client_of(self, store: Store | None, account: Callable[[], Sender] | Sender) -> Client:
        """Return the client of an account.

        Args:
            store: keeps a message; None where there is no database.
            account: who the bot is, or what returns it.
        """
        return WebClient(store, account)
