"""People who talk to the bot, and the account of what they were answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.outages.house import House

Key = tuple[int, int]
"""A chat, and the number of a message in it, from 0."""
PATIENCE = 90.0
"""Seconds without any answer after which no more are waited for."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the messages.

    Args:
        said: how many there were.
        lost: those without an answer.
        doubles: answers that came once more.
        disordered: answers that came after the answer to a later message.
        latencies: seconds from each message to its answer.
        last: when the last first answer came, by `time.monotonic`.
    """

    said: int
    lost: list[Key]
    doubles: int
    disordered: list[Key]
    latencies: dict[Key, float]
    last: float


class Talk:
    """People in several chats, each of whom writes ``echo 0``, ``echo 1``, …

    Args:
        house: whom they talk to.
        chats: where.
    """

    def __init__(self, house: House, chats: Sequence[int]) -> None:
        self.chats = chats
        self.said: dict[Key, float] = {}
        self._telegram = house.stand.telegram
        self._token = house.token
        self._numbers: Counter[int] = Counter()

    def say(self, chat: int) -> None:
        """Write the next message in a chat."""
        number = self._numbers[chat]
        self._numbers[chat] += 1
        self.said[chat, number] = time.monotonic()
        self._telegram.send_text(self._token, chat, f"echo {number}")

    def say_all(self, count: int) -> None:
        """Write so many messages, in turn."""
        for place in range(count):
            self.say(self.chats[place % len(self.chats)])

    def keep_talking(self, rate: float, ended: threading.Event) -> threading.Thread:
        """Write so many messages a second, in turn, until told to end; returns the thread, which is started."""
        thread = threading.Thread(target=self._talk, args=(rate, ended), daemon=True)
        thread.start()
        return thread

    def _talk(self, rate: float, ended: threading.Event) -> None:
        began, place = time.monotonic(), 0
        while not ended.wait(max(0.0, began + place / rate - time.monotonic())):
            self.say(self.chats[place % len(self.chats)])
            place += 1

    def wait(self, patience: float = PATIENCE) -> Answers:
        """Wait until everything is answered, or nothing has happened for long, and make the account."""
        found, progress = -1, time.monotonic()
        while True:
            answers = self.settle()
            if not answers.lost or time.monotonic() - progress > patience:
                return answers
            if len(answers.latencies) > found:
                found, progress = len(answers.latencies), time.monotonic()
            time.sleep(0.1)

    def settle(self) -> Answers:
        """Make the account of what has arrived so far."""
        first: dict[Key, float] = {}
        highest: dict[int, int] = {}
        doubles, disordered = 0, []
        for sent in self._telegram.sent():
            key = (sent.chat_id, int(sent.text))
            if key not in self.said:
                continue
            if key in first:
                doubles += 1
                continue
            first[key] = sent.monotonic
            if key[1] < highest.get(key[0], -1):
                disordered.append(key)
            highest[key[0]] = max(key[1], highest.get(key[0], -1))
        lost = [key for key in self.said if key not in first]
        latencies = {key: at - self.said[key] for key, at in first.items()}
        return Answers(len(self.said), lost, doubles, disordered, latencies, max(first.values(), default=0.0))
