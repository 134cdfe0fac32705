"""The calls of one bot to the Bot API."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from permabots.exceptions import CredentialsRefused, PermanentError
from permabots.providers.base import http
from permabots.providers.base.contract import Client
from permabots.providers.base.json_parsing import as_dict, as_int, as_str, from_unix
from permabots.providers.telegram.errors import refusal
from permabots.providers.telegram.users import person
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo

ALLOWED_UPDATES: list[str] = []
"""The kinds of updates: empty for Telegram's defaults. Kinds that no handler sees are stored as ignored, so that the
author sees that they came. The list is sent with every call: without it, Telegram would keep the list that another
program has set with the same token."""

TIMEOUT = 15.0
"""Seconds that a call may take, except for the sending of a message and a long poll."""
POLL_MARGIN = 10.0
"""Seconds that a long poll may take beyond the time that it waits for an event."""


class TelegramClient(Client):
    """Calls the Bot API with one bot's token.

    Args:
        token: the bot's token.
        api_url: the address of the server: Telegram's or a self-hosted one.
    """

    def __init__(self, token: str, api_url: str) -> None:
        self._token = token
        self._address = f"{api_url.rstrip('/')}/bot{quote(token, safe=':')}"

    def send(self, payload: Payload, timeout: float) -> Receipt:
        result = self._call(payload.method, dict(payload.body), timeout)
        message_id = as_int(as_dict(result).get("message_id"))
        return Receipt("" if message_id is None else str(message_id))

    def identify(self) -> Sender:
        account = person(self._call("getMe"))
        if account is None:
            raise PermanentError("getMe gave no account")
        return account

    def set_webhook(self, url: str, secret: str) -> None:
        self._call("setWebhook", {"url": url, "secret_token": secret, "allowed_updates": ALLOWED_UPDATES})

    def remove_webhook(self) -> None:
        """Have Telegram send no more updates. Updates that wait at Telegram stay there."""
        self._call("deleteWebhook")

    def webhook_info(self) -> WebhookInfo:
        info = as_dict(self._call("getWebhookInfo"))
        return WebhookInfo(
            url=as_str(info.get("url")),
            pending=as_int(info.get("pending_update_count")),
            last_error=as_str(info.get("last_error_message")),
            last_error_at=from_unix(info.get("last_error_date")),
        )

    def poll(self, offset: int | None, timeout: float) -> Sequence[Json]:
        """Fetch updates without a webhook; arguments and result as in `Client.poll`.

        Raises:
            Retryable: with the code 409 where a webhook is set, or another program polls.
        """
        arguments = {"offset": offset, "timeout": int(timeout), "allowed_updates": ALLOWED_UPDATES}
        updates = self._call("getUpdates", arguments, timeout + POLL_MARGIN)
        return updates if isinstance(updates, list) else []

    def _call(self, method: str, arguments: dict[str, Json] | None = None, timeout: float = TIMEOUT) -> Json:
        """Make one call and return its ``result``; arguments that are None are left out."""
        if not self._token:
            raise CredentialsRefused("there is no token")
        body = {name: value for name, value in (arguments or {}).items() if value is not None}
        answer = http.call("POST", f"{self._address}/{method}", body=body, timeout=timeout)
        if (error := refusal(answer, self._token)) is not None:
            raise error
        return (answer.json_object or {})["result"]
