"""The parts of the benchmarks by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.options import Options
from benchmarks.parts import (
    endtoend,
    hook,
    memory,
    pieces,
    stored,
    turn,
    user_api,
    web_chats,
    webhook,
    workers,
    yardsticks,
)
from benchmarks.results import Results
from benchmarks.stand import Servers


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        about: what it measures, for the command line.
        measure: measures it with servers of its own.
    """

    about: str
    measure: Callable[[Servers, Options, Results], None]


PARTS = {
    "yardsticks": Part("the least that Django and Celery need for the same, in the same processes", yardsticks.measure),
    "webhook": Part("messages are taken and stored, and nobody answers them", webhook.measure),
    "turn": Part("answering in one process without a worker, by the number of handlers", turn.measure),
    "endtoend": Part("messages through every process: how many a second, how long people wait", endtoend.measure),
    "user-api": Part("each answer needs an API that takes 50 ms", user_api.measure),
    "memory": Part("web server and worker with 1, 100 and 1,000 bots", memory.measure),
    "stored": Part("the same with 100 and with 1,000,000 messages stored before", stored.measure),
    "hook": Part("a notification hook with 10,000 recipients", hook.measure),
    "workers": Part("one, two and four workers", workers.measure),
    "webchats": Part("1,000 open web chats in which nothing is said, and messages beside them", web_chats.measure),
    "matching": Part("finding the handler of a text, beside a plain loop", pieces.match),
    "sending": Part("sending a message to Telegram, beside other ways", pieces.send),
}
