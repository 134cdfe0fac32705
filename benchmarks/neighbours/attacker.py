"""``python -m benchmarks.neighbours.attacker``: makes the calls of an `Order`, read as JSON; prints what was `Done`."""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from benchmarks.neighbours.attacks import ATTACKS, Attack, Call
from benchmarks.neighbours.order import Done, Order

PATIENCE = 40.0
"""Seconds that an answer is waited for."""
OTHER_ADDRESS = "127.0.0.2"
"""The attacker is another host than the other author, also on this machine: limits of an address are of theirs."""


class Supply:
    """Calls that several threads take in turn, so many a second."""

    def __init__(self, attack: Attack, order: Order) -> None:
        self._calls, self._rate = attack.calls(order), attack.rate
        self._lock = threading.Lock()
        self._began, self._taken = time.monotonic(), 0
        self._end = self._began + order.seconds

    def __iter__(self) -> Iterator[Call]:
        while time.monotonic() < self._end:
            with self._lock:
                call, due = next(self._calls), self._began + self._taken / (self._rate or 1e9)
                self._taken += 1
            time.sleep(max(0.0, due - time.monotonic()))
            yield call


def attack(order: Order) -> Done:
    """Make all calls of an attack."""
    how = ATTACKS[order.attack]
    supply, statuses, began = Supply(how, order), Counter[int](), time.monotonic()

    def work(_: int) -> None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", order.port, timeout=PATIENCE, source_address=(OTHER_ADDRESS, 0)
        )
        for call in supply:
            statuses[_status(connection, call)] += 1

    with ThreadPoolExecutor(how.connections) as pool:
        list(pool.map(work, range(how.connections)))  # an error of any of them is raised here
    used = os.times()
    return Done(
        {str(status): number for status, number in statuses.items()}, time.monotonic() - began, used.user + used.system
    )


def _status(connection: http.client.HTTPConnection, call: Call) -> int:
    try:
        connection.request(call.method, call.path, call.body or None, dict(call.headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        connection.close()  # the next call opens another one
        return 0


if __name__ == "__main__":
    json.dump(asdict(attack(Order(**json.load(sys.stdin)))), sys.stdout)
