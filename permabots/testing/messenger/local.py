"""The methods of `MessengerSteering` over what this process knows."""

from __future__ import annotations

import json
from time import time
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from permabots.testing.control import SteeringError
from permabots.testing.messenger.api import GraphApi
from permabots.testing.messenger.content import LABEL, buttons, shown_text
from permabots.testing.messenger.delivery import MessengerDelivery
from permabots.testing.messenger.events import event, id_of
from permabots.testing.messenger.state import DEFAULT_APP, MessengerState, number_of
from permabots.testing.messenger.steering import MessengerSteering
from permabots.testing.server_state import Event
from permabots.testing.stand_in_messenger import StandInMessenger
from permabots.testing.webhook_client import Outcome, Poster
from permabots.testing.webhook_jobs import WebhookJob
from permabots.values import Json


class LocalMessenger(StandInMessenger, MessengerSteering):
    """Steers a stand-in of this process.

    Args:
        port: the port to bind; 0 for a free one.
        state: the apps and pages it knows.
        poster: what posts to webhooks, and makes the handshake.
        time_scale: real seconds that one second of Facebook's takes.
        check_people: refuse a message to a person who never wrote to the page.
    """

    _state: MessengerState
    steering = MessengerSteering

    def __init__(
        self, port: int, state: MessengerState, poster: Poster, time_scale: float, *, check_people: bool
    ) -> None:
        delivery = MessengerDelivery(state, poster, time_scale)
        super().__init__(port, state, delivery, GraphApi(state, check_people, self._echo_call))
        self._poster = poster

    # Apps and pages

    def set_callback(self, url: str, verify_token: str, app_secret: str = "", *, app: str = DEFAULT_APP) -> None:
        challenge = number_of(uuid4().hex, 10)
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        outcome = self._poster.get(f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(query)}")
        self._poster.close()
        if outcome.status != 200 or outcome.body.decode("latin-1") != challenge:
            raise SteeringError(f"the callback URL could not be validated: {_seen(outcome)}")
        with self._state.lock:
            known = self._state.app(app)
            known.url, known.secret = url, app_secret

    def register_page(
        self,
        token: str,
        *,
        page_id: str = "",
        name: str = "",
        app: str = "",
        app_secret: str = "",
        require_proof: bool = False,
    ) -> dict[str, Json]:
        with self._state.lock:
            page = self._state.page(token, page_id)
            page.name = name or page.name
            page.app = app or page.app
            page.secret = app_secret or page.secret
            page.require_proof = require_proof
        return self.page(token)

    def page(self, token: str) -> dict[str, Json]:
        with self._state.lock:
            page = self._state.page(token)
            return {"id": page.id, "name": page.name, "app": page.app, "subscribed_fields": page.fields}

    # What people do

    def deliver(self, token: str, body: Json) -> None:
        with self._state.lock:
            page = self._state.page(token)
            if not self._state.app(page.app).url:
                raise SteeringError(f"app {page.app!r} has no callback URL")
            text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
            self._delivery.put(WebhookJob([page.id], frozenset({(page.id, "")}), [""], text.encode(), raw=True))

    def happen(self, token: str, psid: str, what: dict[str, Json]) -> dict[str, Json]:
        with self._state.lock:
            page = self._state.page(token)
            body = event(psid, page.id, **{"timestamp": self._state.moment(), **_numbered(what)})
            chat = self._state.chat(page.id, psid)
            if "message" in body or "postback" in body:
                chat.last_message = time()
                chat.history.append(body)
            return self._happen(Event(page.id, psid, id_of(body), body))

    def press_button(self, token: str, psid: str, title: str) -> dict[str, Json]:
        with self._state.lock:
            history = self._state.chat(self._state.page(token).id, psid).history
            shown = [_offered(record["message"], last=record is history[-1]) for record in _sent(history)]
            offered = [entry for entries in reversed(shown) for entry in entries]
            entry = next((e for e in offered if title in (e["title"], e["title"][:LABEL])), None)
            if entry is None:
                there = ", ".join(repr(e["title"]) for e in offered) or "none"
                raise SteeringError(f"person {psid} sees no button {title!r}; the buttons: {there}")
            return self.happen(token, psid, _pressed(entry))

    def echo(self, token: str, psid: str, text: str) -> dict[str, Json]:
        with self._state.lock:
            page = self._state.page(token)
            said = event(page.id, psid, self._state.moment(), message={"mid": f"m_{uuid4().hex}", "text": text})
            self._state.chat(page.id, psid).history.append(said)
            return self._echo(said)

    def _echo(self, said: dict[str, Any], **more: Json) -> dict[str, Json]:
        """Deliver an echo of a page's own message."""
        body = {**said, "message": {**said["message"], "is_echo": True, **more}}
        return self._happen(Event(said["sender"]["id"], said["recipient"]["id"], id_of(body), body))

    def _echo_call(self, said: dict[str, Any]) -> None:
        """Deliver an echo of a message that an app sent for the page."""
        page = self._state.pages[said["sender"]["id"]]
        self._echo(said, app_id=int(self._state.app(page.app).id))

    def age(self, token: str, psid: str, hours: float = 25.0) -> None:
        with self._state.lock:
            self._state.chat(self._state.page(token).id, psid).last_message = time() - hours * 3600

    # What people see

    def _bot_id(self, bot: str) -> str:
        page = self._state.tokens.get(bot)
        return page.id if page else bot

    def _shown(self, record: dict[str, Any]) -> str:
        return shown_text(record["message"])


def _seen(outcome: Outcome) -> str:
    return outcome.error or f"it answered {outcome.status}, and not the challenge"


def _numbered(what: dict[str, Json]) -> dict[str, Any]:
    """Return what happened, a message or postback with a ``mid``."""
    fresh = {"mid": f"m_{uuid4().hex}"}
    return {key: fresh | value if key in ("message", "postback") else value for key, value in what.items()}


def _sent(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of a thread that the page sent with something to press."""
    return [r for r in history if any(key in r.get("message", {}) for key in ("attachment", "quick_replies"))]


def _offered(message: dict[str, Any], *, last: bool) -> list[dict[str, Any]]:
    replies = [r for r in message.get("quick_replies", []) if "title" in r] if last else []
    return [*buttons(message), *replies]


def _pressed(entry: dict[str, Any]) -> dict[str, Any]:
    title = entry["title"][:LABEL]
    if entry.get("content_type") == "text":
        return {"message": {"text": title, "quick_reply": {"payload": entry["payload"]}}}
    if entry["type"] != "postback":
        opened = entry.get("url") or entry.get("payload")
        raise SteeringError(f"button {title!r} opens {opened} and tells the page nothing")
    return {"postback": {"title": title, "payload": entry["payload"]}}
