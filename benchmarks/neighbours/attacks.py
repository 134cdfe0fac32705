"""Everything that an author who means it can do at full rate, each as an endless supply of calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import time

from benchmarks.neighbours.order import Order
from permabots.providers.base.signatures import signed
from permabots.testing import text_update
from permabots.testing.messenger.events import envelope, event

PAGE = "4242"
"""The id of the attacker's page."""
EVENTS = 3_000
"""Events of one call of Messenger's webhook."""
PATTERNS = 30
CHAT_RATE = 400.0
"""Messages a second into one chat."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call.

    Args:
        method: its method.
        path: where it goes.
        body: what it sends.
        headers: beside the length of the body.
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack.

    Args:
        words: what it is.
        calls: makes its calls.
        connections: how many calls are made at a time.
        rate: calls a second; 0 for as many as are answered.
    """

    words: str
    calls: Callable[[Order], Iterator[Call]]
    connections: int = 8
    rate: float = 0.0


def costly_pattern(number: int) -> str:
    """Return a pattern that takes long to prepare, and is another one for each number."""
    return f"(?i)x{number}" + "(?:" * 6 + r"(?=.*\w{1,40}x)" + "){2,9}" * 6 + "y"


def _api(order: Order, method: str, path: str, body: object = None) -> Call:
    headers = {"Authorization": f"Token {order.token}", "Content-Type": "application/json"}
    return Call(method, path, b"" if body is None else json.dumps(body).encode(), headers)


def _rows(order: Order) -> Iterator[Call]:
    bot = f"/api/v1/bots/{order.bot}/"
    for number in count():
        yield _api(order, "GET", f"{bot}handlers/")
        yield _api(order, "POST", f"{bot}env/", {"key": f"k{order.seed}x{number}", "value": "v"})
        yield _api(order, "GET", f"{bot}messages/?limit=100")


def _simulate(order: Order) -> Iterator[Call]:
    question = {"provider": "telegram", "text": "slow"}
    while True:
        yield _api(order, "POST", f"/api/v1/bots/{order.bot}/simulate/", question)


def _tests(order: Order) -> Iterator[Call]:
    while True:
        yield _api(order, "POST", f"/api/v1/bots/{order.bot}/tests/run/")


def _hook(order: Order) -> Iterator[Call]:
    for number in count():
        yield _api(order, "POST", order.hook, {"n": f"{order.seed}.{number}"})


def _chat(order: Order) -> Iterator[Call]:
    headers = {"X-Telegram-Bot-Api-Secret-Token": order.secret, "Content-Type": "application/json"}
    for number in count(order.seed * 1_000_000 + 1):
        update = text_update(number, 66, f"flood {number}", message_id=number)
        yield Call("POST", order.telegram, json.dumps(update).encode(), headers)


def _events(order: Order) -> Iterator[Call]:
    for number in count():
        moment = int(time() * 1000)
        happened = [
            (
                PAGE,
                event(
                    f"7{place % 100}", PAGE, moment, message={"mid": f"m_{order.seed}.{number}.{place}", "text": "hi"}
                ),
            )
            for place in range(EVENTS)
        ]
        body = json.dumps(envelope(happened, moment)).encode()
        signature = f"sha256={signed(body, order.app_secret, 'sha256')}"
        yield Call(
            "POST", order.messenger, body, {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        )


def _patterns(order: Order) -> Iterator[Call]:
    """Save patterns that were never seen, so that they are prepared, and have a message be matched with all."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": order.secret, "Content-Type": "application/json"}
    for number in count():
        handler = {
            "name": "costly",
            "pattern": costly_pattern(order.seed * 100_000 + number),
            "response": {"text_template": "x"},
        }
        yield _api(order, "POST", f"/api/v1/bots/{order.bot}/handlers/", handler)
        if number % PATTERNS == PATTERNS - 1:
            update = text_update(order.seed * 1_000_000 + number + 1, 67, "x" * 4000, message_id=number + 1)
            yield Call("POST", order.telegram, json.dumps(update).encode(), headers)


ATTACKS: Mapping[str, Attack] = {
    "api": Attack("API calls in a loop, reads and writes", _rows),
    "simulate": Attack("simulate against an API that takes 30 s", _simulate),
    "chat": Attack("400 messages a second into one chat", _chat, rate=CHAT_RATE),
    "events": Attack("calls of Messenger's webhook with 3,000 events", _events, connections=4),
    "patterns": Attack("costly patterns, saved and matched", _patterns, connections=4),
    "hook": Attack("posts to a hook with 1,500 recipients", _hook, connections=4),
    "tests": Attack("conversation tests in a loop, with costly templates", _tests, connections=8),
}
