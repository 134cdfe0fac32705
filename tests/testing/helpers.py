"""What the tests of the stand-in servers share: a client of the Bot API, and a webhook that answers as it is told."""

from __future__ import annotations

import threading
from dataclasses import replace
from time import monotonic
from typing import Any

import requests

from permabots.testing import Reply, Request, StandInServer

TOKEN = "111:aaa"


def call(base: str, method: str, /, token: str = TOKEN, **arguments: Any) -> tuple[int, dict[str, Any]]:
    """Call the Bot API with JSON; returns the HTTP status and the body."""
    answer = requests.post(f"{base}/bot{token}/{method}", json=arguments, timeout=10)
    return answer.status_code, answer.json()


def send(base: str, /, text: str = "hi", **arguments: Any) -> tuple[int, dict[str, Any]]:
    """Call sendMessage, for chat 7 unless told otherwise."""
    return call(base, "sendMessage", **{"chat_id": 7, "text": text, **arguments})


def refusal(base: str, /, text: str = "hi", **arguments: Any) -> str:
    """Call sendMessage and return why it is refused with 400, without ``Bad Request:``."""
    status, body = send(base, text, **arguments)
    assert (status, body["ok"], body["error_code"]) == (400, False, 400), body
    return body["description"].removeprefix("Bad Request: ")


class WebhookServer(StandInServer):
    """A bot's webhook. It answers what `plan` says, one entry for each request, then 200; `hold` keeps it waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: list[Reply] = []
        self.received: list[Request] = []
        self.hold = threading.Event()
        self.hold.set()
        self.open = 0
        self.most_open = 0
        self._changed = threading.Condition()

    def respond(self, request: Request) -> Reply:
        with self._changed:
            self.received.append(replace(request, monotonic=monotonic()))
            reply = self.plan.pop(0) if self.plan else Reply()
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            self._changed.notify_all()
        self.hold.wait(10)
        with self._changed:
            self.open -= 1
        return reply

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many requests and return their updates."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, 10), len(self.received)
        return self.updates

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The updates received, in order of arrival."""
        return [request.json() for request in self.received]

    @property
    def texts(self) -> list[str]:
        """The texts of the messages received, in order of arrival."""
        return [update["message"]["text"] for update in self.updates]
