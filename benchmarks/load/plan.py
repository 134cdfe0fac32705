"""What the load generator is asked to do, and what it tells afterwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Messages to be posted.

    Args:
        port: of the web server on this machine.
        path: of the webhook.
        secret: what the messenger sends as ``X-Telegram-Bot-Api-Secret-Token``.
        first: the number of the first message; they count up, and each is ``echo <number>``.
        count: how many.
        chats: over how many chats they go, in turn.
        chat: the id of the first of these chats.
        connections: how many connections post at once, each kept open.
        rate: messages a second; 0 for as fast as they are taken.
    """

    port: int
    path: str
    secret: str
    first: int
    count: int
    chats: int
    chat: int
    connections: int = 8
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the messages, in their order.

    Args:
        moments: when each was written, by `time.monotonic`: at a rate the moment when it was due, else when its POST
            began.
        took: seconds until the web server answered, from that moment.
        refused: how many were not answered 200.
    """

    moments: list[float]
    took: list[float]
    refused: int
