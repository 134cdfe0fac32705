"""The calls of one bot to Toy."""

from __future__ import annotations

from permabots.exceptions import CredentialsRefused, PermanentError, ProviderError, RecipientGone, Retryable
from permabots.providers.base import http
from permabots.providers.base.contract import Client
from permabots.providers.base.json_parsing import as_dict, as_int, as_str
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo

TIMEOUT = 10.0


class ToyClient(Client):
    """Calls Toy with one bot's key."""

    def __init__(self, key: str, api_url: str) -> None:
        self._key = key
        self._api_url = api_url

    def send(self, payload: Payload, timeout: float) -> Receipt:
        return Receipt(as_str(self._call("POST", payload.method, payload.body, timeout).get("id")))

    def identify(self) -> Sender:
        account = self._call("GET", "me")
        if not as_str(account.get("id")):
            raise PermanentError("Toy did not say whose key this is")
        return Sender(id=account["id"], username=as_str(account.get("name")))

    def set_webhook(self, url: str, secret: str) -> None:
        self._call("PUT", "webhook", {"url": url})

    def remove_webhook(self) -> None:
        self._call("PUT", "webhook", {"url": ""})

    def webhook_info(self) -> WebhookInfo:
        return WebhookInfo(url=as_str(self._call("GET", "webhook").get("url")))

    def _call(self, method: str, path: str, body: Json = None, timeout: float = TIMEOUT) -> dict[str, Json]:
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = http.call(method, f"{self._api_url}/{path}", timeout=timeout, body=body, headers=headers)
        said = answer.json_object
        if answer.status < 300 and said is not None:
            return said
        raise refusal(answer.status, as_dict(said), self._key)


def refusal(status: int, said: dict[str, Json], key: str) -> ProviderError:
    """Return the error that an answer stands for: the one place where Toy's answers become errors."""
    code = as_str(said.get("error"))
    message = f"Toy answered {status} {code.replace(key, '…')}".strip()
    if status == 401:
        return CredentialsRefused(message, status)
    if status == 429:
        return Retryable(message, status, as_int(said.get("wait")))
    if status < 300 or status >= 500:
        return Retryable(message, status, ambiguous=True)
    return RecipientGone(message, status) if code == "gone" else PermanentError(message, status)
