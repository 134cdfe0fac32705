"""``python -m benchmarks.load``: reads a `Plan` as JSON from standard input, and prints a `Posted` as JSON.

It writes to sockets by itself: an HTTP library would take several times as much of the processor, which the programs
that are measured have to share.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import count

from benchmarks.load.plan import Plan, Posted
from permabots.testing import text_update

LEAD = 0.05
"""Seconds before the first message, for all connections to be open."""


def requests_of(plan: Plan) -> list[bytes]:
    """Return every HTTP request, ready to be written."""
    found = []
    for place in range(plan.count):
        number = plan.first + place
        update = text_update(number, plan.chat + place % plan.chats, f"echo {number}", message_id=number)
        body = json.dumps(update).encode()
        head = (
            f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {plan.secret}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


def post(plan: Plan) -> Posted:
    """Post the messages of a plan."""
    requests, places = requests_of(plan), count()
    moments, took, refused = [0.0] * plan.count, [0.0] * plan.count, [0] * plan.connections
    start = time.monotonic() + LEAD

    def talk(thread: int) -> None:
        with socket.create_connection(("127.0.0.1", plan.port), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (place := next(places)) < plan.count:
                due = start + place / plan.rate if plan.rate else max(start, time.monotonic())
                time.sleep(max(0.0, due - time.monotonic()))
                connection.sendall(requests[place])
                refused[thread] += status(connection) != 200
                moments[place], took[place] = due, time.monotonic() - due

    with ThreadPoolExecutor(plan.connections) as pool:
        list(pool.map(talk, range(plan.connections)))  # an error of any of them is raised here
    return Posted(moments, took, sum(refused))


def status(connection: socket.socket) -> int:
    """Read one response to its end and return its status.

    Raises:
        ConnectionError: the server hung up.
        ValueError: it does not say how long its response is.
    """
    received = b""
    while b"\r\n\r\n" not in received:
        received += more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += more(connection)
    return int(head[9:12])


def more(connection: socket.socket) -> bytes:
    """Return the next bytes of a response."""
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the web server hung up")
    return received


if __name__ == "__main__":
    json.dump(asdict(post(Plan(**json.load(sys.stdin)))), sys.stdout)
