"""What the parts of a run share: the script's harms, what is still to be answered, and the notes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING

from tests.chaos.accounting.evidence import Key, Said, Trouble
from tests.chaos.accounting.posts import Post
from tests.chaos.accounting.script import MOMENTS, Deed, Harm, Message, Point, Script

if TYPE_CHECKING:  # it needs rows, which exist once Django is set up; a room does not
    from tests.chaos.web_chat.visitors import Visitors

FORGOTTEN = 20.0
"""Seconds after which an unanswered message no longer keeps others from being said."""


class Room:
    """The memory of a run.

    Args:
        script: what is to happen.
        pause: seconds for which a paused child stays so: more than its lease.
        wake: wakes the conversation of a chat, so many times.
    """

    visitors: Visitors
    """Who talks in web chats."""

    def __init__(self, script: Script, pause: float, wake: Callable[[int, int], None] = lambda *_: None) -> None:
        self.messages: dict[Key, Message] = {(m.chat, m.number): m for m in script.messages}
        self.said: list[Said] = []
        self.posted: list[Said] = []
        """What was posted to a hook, once for each who is to be told."""
        self.troubles: list[Trouble] = []
        self.calls: dict[int, list[float]] = defaultdict(list)
        self.senders: dict[tuple[int, float], int] = {}
        """(chat, when the call came) -> the process that made it."""
        self.heard: set[tuple[int, float]] = set()
        """The calls of `senders` after which their connection was used again: the caller has read the answer."""
        self.began = self.progress = time.monotonic()
        self.over = threading.Event()
        self.changed = threading.Condition()
        self._pause = pause
        self._wake = wake
        self._harms: dict[Hashable, list[Harm]] = {
            key: list(message.harms) for key, message in self.messages.items() if message.harms
        }
        self._provider = {key: message.provider for key, message in self.messages.items() if message.provider}
        self._wakeups = {key: message.wakeups for key, message in self.messages.items() if message.wakeups}
        self._api = {key: message.api for key, message in self.messages.items() if message.api}
        self._open: dict[Key, float] = {}

    # What is to be answered

    def say(self, message: Message) -> None:
        """Note a message as said."""
        now = time.monotonic()
        with self.changed:
            key = (message.chat, message.number)
            self._open[key] = now
            self.said.append(Said(key, message.word, now, message.swapped))
            self.changed.notify_all()

    def post(self, post: Post, chats: Iterable[int]) -> None:
        """Note a post to a hook as made."""
        now = time.monotonic()
        with self.changed:
            self._harms[news(post.chat, post.number)] = list(post.harms)
            self.posted += [Said((chat, post.number), "news", now) for chat in chats]

    def told(self) -> None:
        """Note that the provider has accepted what a hook tells somebody."""
        self.progress = time.monotonic()

    def answered(self, key: Key) -> None:
        """Note that the provider has accepted an answer."""
        with self.changed:
            if self._open.pop(key, None) is not None:
                self.progress = time.monotonic()
                self.changed.notify_all()

    def wait_for_place(self, window: int) -> None:
        """Wait until fewer than ``window`` messages wait for their answers, those long forgotten apart."""
        with self.changed:
            while self.waiting() >= window:
                self.changed.wait(1.0)

    def wait_for_said(self, count: int) -> None:
        """Wait until so many messages have been said."""
        with self.changed:
            while len(self.said) < count:
                self.changed.wait(1.0)

    def describe(self) -> str:
        """Say how far the run is."""
        with self.changed:
            said, waiting, troubles = len(self.said), len(self._open), len(self.troubles)
        return f"{said} of {len(self.messages)} said, {said - waiting} answered, {troubles} faults"

    def waiting(self) -> int:
        """Return how many messages wait for an answer, those long forgotten apart."""
        fresh = time.monotonic() - FORGOTTEN
        return sum(at > fresh for at in self._open.values())

    def unheard(self) -> set[tuple[int, float]]:
        """Return the calls whose callers let go of the connection, and went on with another: they waited too long."""
        last: dict[int, float] = {}
        for (_, at), pid in self.senders.items():
            last[pid] = max(at, last.get(pid, 0.0))
        return {call for call, pid in self.senders.items() if call not in self.heard and call[1] < last[pid]}

    # What goes wrong

    def provider_trouble(self, key: Key) -> str:
        """Take what is to go wrong at the provider with this answer; "" for nothing, or no more."""
        return self._provider.pop(key, "")

    def api_trouble(self, key: Key) -> str:
        """Take what is to go wrong with this message's call of the user's API."""
        return self._api.pop(key, "")

    def wake(self, key: Key) -> None:
        """Wake the conversation needlessly, where the script says so, while somebody works on this message."""
        if times := self._wakeups.pop(key, 0):
            self._wake(key[0], times)

    def harm(self, key: Hashable, point: Point, pid: int) -> Deed | None:
        """Do what the script has for the child that handles a message and is at this point; returns what was done."""
        with self.changed:
            waiting = self._harms.get(key, [])
            if not waiting or waiting[0].point is not point or not pid:
                return None
            harm = waiting.pop(0)
        if harm.point in MOMENTS:
            self._later(harm.delay, lambda: self._do(harm, pid))
        else:
            self._do(harm, pid)
        return harm.deed

    def note(self, kind: str, began: float, pids: frozenset[int] = frozenset(), point: str = "") -> None:
        """Note something that was done and is over now."""
        self.troubles.append(Trouble(kind, began, time.monotonic(), pids, point))

    def _do(self, harm: Harm, pid: int) -> None:
        now = time.monotonic()
        try:
            os.kill(pid, signal.SIGKILL if harm.deed is Deed.KILL else signal.SIGSTOP)
        except ProcessLookupError:
            return  # it was killed in another way just now
        if harm.deed is Deed.KILL:
            self.troubles.append(Trouble("child killed", now, now, frozenset({pid}), harm.point))
        else:
            self.troubles.append(Trouble("child paused", now, now + self._pause, frozenset({pid}), harm.point))
            self._later(self._pause, lambda: _continue(pid))

    @staticmethod
    def _later(seconds: float, call: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, call)
        timer.daemon = True
        timer.start()


def news(chat: int, number: int) -> Hashable:
    """Return by what a room knows the call that tells a chat of a post."""
    return "news", chat, number


def _continue(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return  # its whole worker was killed meanwhile
