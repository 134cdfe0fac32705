"""What workers tell when they store something for a web chat: the run hurts them there, by the script."""

from __future__ import annotations

from permabots.testing import Reply, Request
from tests.chaos.accounting.bot import read_answer
from tests.chaos.accounting.script import Deed, Point
from tests.chaos.standins import Watching
from tests.chaos.web_chat.store import BEFORE, FAILS

FINE = Reply(200)


class ChaosStore(Watching):
    """Takes the calls of `tests.chaos.web_chat.store`.

    Where something is to go wrong at the provider, the worker never learns that its transaction was committed.
    """

    def respond(self, request: Request) -> Reply:
        answer = read_answer(dict(request.query)["text"])
        if answer is None:
            return FINE
        key, pid = (answer.chat, answer.number), self.caller(request)
        if request.path == BEFORE:
            self.room.wake(key)
            if self.room.harm(key, Point.BEFORE, pid) is Deed.KILL:
                return Reply(cut=True)
            return FINE
        killed = self.room.harm(key, Point.AFTER, pid) is Deed.KILL
        self.room.harm(key, Point.LATER, pid)
        if killed:
            return Reply(cut=True)
        return Reply(FAILS) if self.room.provider_trouble(key) else FINE
