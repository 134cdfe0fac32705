"""The client of the web chat: a message is sent when it is stored where the page finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from permabots.exceptions import PermanentError
from permabots.providers.base.contract import Client
from permabots.values import Payload, Receipt, Sender, WebhookInfo

Store: TypeAlias = Callable[[Payload], Receipt]
"""Keeps a message once, by the key of its call.

Raises:
    RecipientGone: nobody can read that conversation any more.
"""


class WebClient(Client):
    """Stores messages for the page.

    Args:
        store: keeps a message; None where there is no database.
        account: who the bot is, or what returns it.
    """

    def __init__(self, store: Store | None, account: Callable[[], Sender] | Sender) -> None:
        self._store = store
        self._account = account

    def send(self, payload: Payload, timeout: float) -> Receipt:
        """Store a message. A call with the key of an earlier one stores nothing, so nothing is sent twice."""
        if self._store is None:
            raise PermanentError("no account of a web chat was given")
        return self._store(payload)

    def identify(self) -> Sender:
        return self._account if isinstance(self._account, Sender) else self._account()

    def set_webhook(self, url: str, secret: str) -> None:
        """Do nothing: there is no webhook."""

    def remove_webhook(self) -> None:
        """Do nothing: there is no webhook."""

    def webhook_info(self) -> WebhookInfo:
        """Return that there is no webhook, and that nothing is missing for that."""
        return WebhookInfo("")
