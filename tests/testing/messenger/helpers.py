"""What the tests of the stand-in Messenger share: a client of the Graph API, and an app's callback URL."""

from __future__ import annotations

from typing import Any

import requests

from permabots.testing import Reply, Request
from tests.testing.helpers import WebhookServer

TOKEN = "page-token"
PSID = "7712345678901234"
SECRET = "app secret"
EVERYTHING = (
    "messages,messaging_postbacks,messaging_optins,messaging_referrals,message_deliveries,message_reads,message_echoes"
)


class CallbackServer(WebhookServer):
    """An app's callback URL: it takes the handshake, and answers the rest as it is told."""

    challenge = ""
    """What it answers a handshake with, "" for what is right."""

    def respond(self, request: Request) -> Reply:
        if request.method != "GET":
            return super().respond(request)
        query = dict(request.query)
        right = query["hub.mode"] == "subscribe" and query["hub.verify_token"] == "verify me"
        return Reply(200, (self.challenge or query["hub.challenge"]).encode()) if right else Reply(403)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the page was told, in order of arrival."""
        return [event for update in self.updates for entry in update["entry"] for event in entry["messaging"]]

    @property
    def texts(self) -> list[str]:
        """The texts of the messages received, in order of arrival."""
        return [event["message"]["text"] for event in self.events]


def call(base: str, verb: str, path: str, /, token: str = TOKEN, **options: Any) -> tuple[int, dict[str, Any]]:
    """Call the Graph API; returns the HTTP status and the body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(verb, f"{base}/v26.0/{path}", headers=headers, timeout=10, **options)
    return answer.status_code, answer.json()


def send(base: str, message: Any, /, psid: str = PSID, token: str = TOKEN, **fields: Any) -> tuple[int, dict[str, Any]]:
    """Send a message as an answer."""
    body = {"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": message, **fields}
    return call(base, "POST", "me/messages", token, json={k: v for k, v in body.items() if v is not None})


def refusal(base: str, message: Any, /, **fields: Any) -> dict[str, Any]:
    """Send a message and return the error that it is refused with, without its trace."""
    status, body = send(base, message, **fields)
    assert status >= 400, body
    assert body["error"].pop("fbtrace_id")
    return body["error"]


def subscribe(base: str, token: str = TOKEN, fields: str = EVERYTHING) -> None:
    """Subscribe a page to its app."""
    status, body = call(base, "POST", f"me/subscribed_apps?subscribed_fields={fields}", token)
    assert (status, body) == (200, {"success": True})


def button_template(*buttons: dict[str, Any], text: str = "Which?") -> dict[str, Any]:
    """Return a message with these buttons."""
    payload = {"template_type": "button", "text": text, "buttons": list(buttons)}
    return {"attachment": {"type": "template", "payload": payload}}


def generic_template(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a message with these cards."""
    return {"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": list(elements)}}}


def postback(title: str = "Large", payload: str = "size:l") -> dict[str, Any]:
    """Return a button that tells the page something."""
    return {"type": "postback", "title": title, "payload": payload}
