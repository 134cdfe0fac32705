"""A stand-in for Toy: takes what bots send, and has persons write to them."""

from __future__ import annotations

import hashlib
import hmac
import json
from itertools import count

import requests

from permabots.testing import Reply, Request, StandInServer, json_reply
from permabots.values import Json


class ToyServer(StandInServer):
    """Toy, for bots whose keys begin with ``good``."""

    def __init__(self) -> None:
        super().__init__()
        self.webhooks: dict[str, str] = {}
        """Key -> where its events go."""
        self.sent: list[Json] = []
        """The messages of all bots, in order."""
        self._numbers = count(1)

    def respond(self, request: Request) -> Reply:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not key.startswith("good"):
            return json_reply({"error": "key"}, 401)
        if request.path == "/me":
            return json_reply({"id": f"account-{key[-1]}", "name": "toy_shop"})
        if request.path == "/messages":
            self.sent.append(request.json())
            return json_reply({"id": f"m{len(self.sent)}"})
        if request.method == "PUT":
            self.webhooks[key] = request.json()["url"]
        return json_reply({"url": self.webhooks.get(key, "")})

    def say(self, key: str, chat: str, **said: Json) -> int:
        """Have a person write (``text``) or press a button (``pressed``); returns the webhook's HTTP status."""
        number = next(self._numbers)
        body = json.dumps({"id": f"e{number}", "at": number, "chat": chat, "name": "Ann", **said}).encode()
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        answer = requests.post(self.webhooks[key], data=body, headers={"Toy-Signature": signature}, timeout=20)
        return answer.status_code

    def texts(self) -> list[str]:
        """Return what was sent, without the rest."""
        return [message["text"] for message in self.sent]
