"""``python -m benchmarks.web_chats``: reads a `Plan` as JSON from standard input, and prints a `Polled` as JSON.

It writes to sockets by itself, as `benchmarks.load` does and for the same reason.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict

from benchmarks.web_chats.plan import TOKEN, Plan, Polled

LEAD = 1.0
"""Seconds before the first poll."""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Person:
    """Somebody with an open chat.

    Args:
        plan: of all.
        number: which of them, from 0.
    """

    def __init__(self, plan: Plan, number: int) -> None:
        self._plan, self._number = plan, number
        self._request = (
            f"GET {plan.path}?after={plan.after} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\n"
            f"Authorization: Bearer {TOKEN}{number}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        ).encode()
        self._connection: Connection | None = None
        self.took: list[float] = []
        self.refused = self.reopened = 0

    async def read(self, start: float) -> None:
        """Poll until the time is over."""
        due = start + self._number * self._plan.every / self._plan.people
        while due < start + self._plan.seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.refused += await self._poll() != 204
            self.took.append(time.monotonic() - due)
            due += self._plan.every
        if self._connection is not None:
            self._connection[1].close()

    async def _poll(self) -> int:
        """Make one poll and return its status; on a new connection where the server has closed the one before."""
        for connection in (self._connection, None):
            if connection is None:
                self.reopened += 1
                connection = self._connection = await asyncio.open_connection("127.0.0.1", self._plan.port)
            try:
                return await self._ask(*connection)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._connection = None
        return 0

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(self._request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if length and int(length):
            await reader.readexactly(int(length))
        return int(head[9:12])


async def poll(plan: Plan) -> Polled:
    """Keep the chats of a plan open."""
    people = [Person(plan, number) for number in range(plan.people)]
    start = time.monotonic() + LEAD
    await asyncio.gather(*(person.read(start) for person in people))
    took = [seconds for person in people for seconds in person.took]
    opened = sum(person.reopened for person in people)
    return Polled(took, sum(person.refused for person in people), opened - len(people))


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(poll(Plan(**json.load(sys.stdin))))), sys.stdout)
