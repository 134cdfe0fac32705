"""The row of a chat: several conversations send to one chat, and what its provider says holds for all of them.

Time passes in ticks. The chat may be sent one message a tick. A refusal says for how many ticks to wait. A row is made
when there is something to say of its chat, and deleted when there is nothing any more.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple, cast

from tests.protocol.explore import Broken, Step

RULES = {
    "unique": "a chat has one row: of two INSERTs at once one does nothing",
    "one_statement": "one UPDATE asks whether there is a place and books it",
    "update_after_insert": "a row is inserted empty; the UPDATE after it books",
    "book_asks_wait": "that UPDATE books nothing while the chat has to wait",
    "claim_asks_wait": "a message that has its place already is claimed only where the chat need not wait",
    "write_until_it_is_there": "who has inserted a row and finds none to update inserts again",
    "longest_wait": "a shorter wait does not shorten a longer one",
    "purge_asks_again": "the DELETE itself asks whether the row says nothing",
}
LONGEST = 2


class Row(NamedTuple):
    """What is stored of a chat: ticks until it may be sent to, and whether this tick's message is booked."""

    wait: int = 0
    booked: int = 0


class Sender(NamedTuple):
    """A worker with one message of its own conversation: what it does next, and what it has read."""

    step: str = "book"
    read: bool = False


class State(NamedTuple):
    """All there is; ``told`` and ``sent`` are what is true, whatever the rows say."""

    rows: tuple[Row, ...]
    senders: tuple[Sender, ...]
    purge: str = ""
    told: int = 0
    sent: int = 0
    refusals: tuple[int, ...] = (1, 2)


class ChatRows:
    """The model; ``without`` names the rule that is left out."""

    def __init__(self, without: str = "") -> None:
        self.rules = {rule: rule != without for rule in RULES}

    def start(self) -> Hashable:
        # The third has its place already: the account was full when it came.
        return State((), (Sender(), Sender(), Sender("claim")))

    def is_end(self, state: Hashable) -> bool:
        return all(sender.step == "done" for sender in cast("State", state).senders)

    def steps(self, state: Hashable) -> Iterator[Step]:
        now = cast("State", state)
        yield self._tick(now)
        yield from self._purge(now)
        for number, sender in enumerate(now.senders):
            for label, after, become, fair in getattr(self, f"_{sender.step}")(now, sender):
                senders = (*now.senders[:number], become, *now.senders[number + 1 :])
                yield Step(f"{number}: {label}", after._replace(senders=senders), fair)

    def _tick(self, now: State) -> Step:
        rows = tuple(Row(max(row.wait - 1, 0), 0) for row in now.rows)
        return Step("time passes", now._replace(rows=rows, told=max(now.told - 1, 0), sent=0))

    def _purge(self, now: State) -> Iterator[Step]:
        empty = Row() in now.rows
        if self.rules["purge_asks_again"]:
            if empty:
                yield Step("the purge deletes a row that says nothing", now._replace(rows=_without(now.rows, Row())))
        elif now.purge:
            yield Step("the purge deletes the row", now._replace(rows=now.rows[1:], purge=""))
        elif empty:
            yield Step("the purge reads a row that says nothing", now._replace(purge="read"))

    def _book(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        if not now.rows:
            yield "there is no row", now, sender._replace(step="insert"), True
            return
        for place, row in enumerate(now.rows):
            free = not row.booked and not (row.wait and self.rules["book_asks_wait"])
            if self.rules["one_statement"]:
                if free:
                    yield "books", self._booked(now, place), Sender("send"), True
            elif sender.read:
                yield "books what was free", self._booked(now, place), Sender("send"), True
            elif free:
                yield "reads that there is a place", now, sender._replace(read=True), True

    def _insert(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        if now.rows and self.rules["unique"]:
            become = sender._replace(step="book") if self.rules["update_after_insert"] else Sender("send")
            after = now if self.rules["update_after_insert"] else self._counted(now)
            yield "inserts nothing: there is a row", after, become, True
        elif self.rules["update_after_insert"]:
            yield "inserts a row", now._replace(rows=(*now.rows, Row())), sender._replace(step="book"), True
        else:
            after = self._counted(now)._replace(rows=(*now.rows, Row(0, 1)))
            yield "inserts a booked row", after, Sender("send"), True

    def _booked(self, now: State, place: int) -> State:
        rows = (*now.rows[:place], now.rows[place]._replace(booked=1), *now.rows[place + 1 :])
        return self._counted(now)._replace(rows=rows)

    def _counted(self, now: State) -> State:
        if now.told:
            raise Broken("a message is booked while the chat has to wait")
        if now.sent:
            raise Broken("two messages are booked in one tick")
        return now._replace(sent=1)

    def _claim(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        waits = any(row.wait for row in now.rows)
        if waits and self.rules["claim_asks_wait"]:
            return
        if now.told:
            raise Broken("a message is claimed while the chat has to wait")
        yield "claims", now, sender._replace(step="send"), True

    def _send(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield "is sent", now, Sender("done"), True
        for wait in now.refusals:
            left = tuple(other for other in now.refusals if other != wait)
            yield f"is refused for {wait}", now._replace(refusals=left), Sender(f"hold{wait}"), False
        yield "is killed", now, Sender("claim"), False

    def _hold1(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield from self._hold(now, 1)

    def _hold2(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield from self._hold(now, 2)

    def _hold(self, now: State, wait: int, inserted: bool = False) -> Iterator[tuple[str, State, Sender, bool]]:
        """An UPDATE; where there is no row, an INSERT and another. The message has its place: it is claimed next."""
        held = tuple(row._replace(wait=max(row.wait, wait) if self.rules["longest_wait"] else wait) for row in now.rows)
        if not held and not (inserted and not self.rules["write_until_it_is_there"]):
            yield "inserts a row", now._replace(rows=(Row(),)), Sender(f"again{wait}"), True
            return
        after = now._replace(rows=held, told=max(now.told, wait))
        yield f"tells the chat to wait for {wait}", after, Sender("claim"), True

    def _again1(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield from self._hold(now, 1, inserted=True)

    def _again2(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield from self._hold(now, 2, inserted=True)

    def _done(self, now: State, sender: Sender) -> Iterator[tuple[str, State, Sender, bool]]:
        yield from ()


def _without(rows: tuple[Row, ...], row: Row) -> tuple[Row, ...]:
    place = rows.index(row)
    return (*rows[:place], *rows[place + 1 :])
