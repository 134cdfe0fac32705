"""The calls of one bot to Kik."""

from __future__ import annotations

from permabots.providers.base import http
from permabots.providers.base.contract import Client
from permabots.providers.base.json_parsing import as_str
from permabots.providers.kik.errors import refusal
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo

NULL_URL = "https://example.com"
"""The address that stands for no webhook, since Kik requires one. It belongs to nobody (RFC 2606)."""

TIMEOUT = 15.0
"""Seconds that a call may take, except for the sending of a message."""

FEATURES = ("manuallySendReadReceipts", "receiveReadReceipts", "receiveDeliveryReceipts", "receiveIsTyping")
"""Events that no handler could see. Each call turns them off: another program may have turned them on."""


class KikClient(Client):
    """Calls Kik as one bot.

    Args:
        username: the bot's user name.
        api_key: the bot's API key.
        api_url: the address of the server.
    """

    def __init__(self, username: str, api_key: str, api_url: str) -> None:
        self._username = username
        self._api_key = api_key
        self._api_url = api_url.rstrip("/")

    def send(self, payload: Payload, timeout: float) -> Receipt:
        """Make one call. The receipt has no id: Kik returns none."""
        self._call("POST", payload.method, dict(payload.body), timeout)
        return Receipt()

    def identify(self) -> Sender:
        """Return the account of the credentials, after Kik has accepted them.

        Its id is the user name in lower case: Kik's user names are not case-sensitive.
        """
        self._call("GET", "config")
        return Sender(id=self._username.lower(), username=self._username)

    def set_webhook(self, url: str, secret: str) -> None:
        """Have Kik send messages to an address.

        Args:
            url: the address.
            secret: not sent: Kik signs calls with the API key.
        """
        self._call("POST", "config", {"webhook": url, "features": dict.fromkeys(FEATURES, False)})

    def remove_webhook(self) -> None:
        self.set_webhook(NULL_URL, "")

    def webhook_info(self) -> WebhookInfo:
        url = as_str(self._call("GET", "config").get("webhook"))
        return WebhookInfo("" if url.rstrip("/") == NULL_URL else url)

    def _call(self, method: str, path: str, body: Json = None, timeout: float = TIMEOUT) -> dict[str, Json]:
        url = f"{self._api_url}/v1/{path}"
        answer = http.call(method, url, timeout=timeout, body=body, auth=self._auth())
        if (error := refusal(answer, self._api_key)) is not None:
            raise error
        return answer.json_object or {}

    def _auth(self) -> tuple[str, str]:
        # requests encodes these as Latin-1 and fails at any other character. So it gets the bytes of UTF-8 (RFC 7617).
        return _utf8(self._username), _utf8(self._api_key)


def _utf8(words: str) -> str:
    return words.encode().decode("latin-1")
