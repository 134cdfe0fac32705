"""The calls of one page to the Graph API."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.exceptions import CredentialsRefused, PermanentError
from permabots.providers.base import http, signatures
from permabots.providers.base.contract import Client
from permabots.providers.base.json_parsing import as_dict, as_str
from permabots.providers.messenger.errors import refusal
from permabots.providers.messenger.json_parsing import identifier
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo

FIELDS = ("messages", "messaging_postbacks", "messaging_referrals")
"""The events that the app subscribes to: those that handlers may see. Receipts, reactions and echoes would be stored as
ignored, several for every message. An app gets the events that are both in its dashboard and in this subscription."""

DEFAULT_TIMEOUT = 15.0
"""Seconds that a call may take, except for the sending of a message."""

_SUBSCRIPTION = "me/subscribed_apps"


class MessengerClient(Client):
    """Calls the Graph API with one page's token.

    The token is sent in a header: servers and proxies log addresses.

    Args:
        token: the page access token.
        app_secret: the app secret, "" where none is stored; it proves to Facebook that the token is the app's own.
        api: the address of the server with the API's version, without a trailing slash.
    """

    def __init__(self, token: str, app_secret: str, api: str) -> None:
        self._token = token
        self._app_secret = app_secret
        self._api = api

    def send(self, payload: Payload, timeout: float) -> Receipt:
        result = self._call("POST", f"me/{payload.method}", body=dict(payload.body), timeout=timeout)
        return Receipt(as_str(result.get("message_id")))

    def identify(self) -> Sender:
        """Return the page."""
        page = self._call("GET", "me", {"fields": "id,name"})
        page_id = identifier(page.get("id"))
        if not page_id:
            raise PermanentError("the Graph API gave no page")
        return Sender(page_id, first_name=as_str(page.get("name")))

    def set_webhook(self, url: str, secret: str) -> None:
        """Subscribe the app to the page.

        Args:
            url: not sent: the address is set in the app's dashboard.
            secret: not sent: Facebook signs events with the app secret.
        """
        result = self._call("POST", _SUBSCRIPTION, {"subscribed_fields": ",".join(FIELDS)})
        if result.get("success") is not True:
            raise PermanentError("Facebook did not subscribe the app to the page")

    def remove_webhook(self) -> None:
        """End the app's subscription to the page."""
        self._call("DELETE", _SUBSCRIPTION)

    def webhook_info(self) -> WebhookInfo:
        """Return whether the app is subscribed to the page; `last_error` names the events that it does not get."""
        fields = self._subscribed()
        if fields is None:
            return WebhookInfo(url="")
        missing = ", ".join(name for name in FIELDS if name not in fields)
        return WebhookInfo(url=None, last_error=f"not subscribed to {missing}" if missing else "", complete=not missing)

    def _subscribed(self) -> list[Json] | None:
        """Return the fields that this app is subscribed to, None where it is not subscribed at all."""
        listed = self._call("GET", _SUBSCRIPTION).get("data")
        apps = [as_dict(app) for app in listed] if isinstance(listed, list) else []
        if len(apps) > 1:  # other apps serve the page too: the API says which one this token is of
            ours = self._call("GET", "app", {"fields": "id"}).get("id")
            apps = [app for app in apps if app.get("id") == ours]
        if not apps:
            return None
        fields = apps[0].get("subscribed_fields")
        return fields if isinstance(fields, list) else []

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        body: Json = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> dict[str, Json]:
        token = self._token
        if not (token and token.isascii() and token.isprintable() and " " not in token):
            raise CredentialsRefused("there is no token" if not token else "the token has characters that none has")
        proof = signatures.signed(token.encode(), self._app_secret, "sha256") if self._app_secret else ""
        answer = http.call(
            method,
            f"{self._api}/{path}",
            timeout=timeout,
            body=body,
            params={**(params or {}), **({"appsecret_proof": proof} if proof else {})},
            headers={"Authorization": f"Bearer {token}"},
        )
        if (error := refusal(answer, token, self._app_secret, proof)) is not None:
            raise error
        return answer.json_object or {}
