"""What sending one message to Telegram costs, by several ways, against a server on this machine.

Run: python -m benchmarks.telegram_send [messages]

The server keeps connections open and answers at once, in a process of its own, so what is measured is the sender. Every
way sends the same message the same number of times, in turns, after a warm-up; the middle one of the rounds counts.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socketserver
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from telegram import Bot, LinkPreviewOptions
from telegram.request import HTTPXRequest

from permabots.providers.telegram.client import TelegramClient
from permabots.values import Payload

TOKEN = "111:aaa"  # noqa: S105 (invented)
ROUNDS = 5
MESSAGE: dict[str, Any] = {
    "chat_id": 7,
    "text": "Yes, <b>3</b> left.",
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
}
ANSWER = json.dumps(
    {
        "ok": True,
        "result": {
            "message_id": 201,
            "from": {"id": 111, "is_bot": True, "first_name": "Shop", "username": "shop_bot"},
            "chat": {"id": 7, "first_name": "Mara", "type": "private"},
            "date": 1795300400,
            "text": "Yes, 3 left.",
        },
    }
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while line := self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.rfile.read(length)
            self.wfile.write(HEAD + ANSWER)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _serve(ports: multiprocessing.Queue[int]) -> None:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        ports.put(server.server_address[1])
        server.serve_forever()


def ways(url: str) -> dict[str, Callable[[], object]]:
    """Return what is compared: name -> a function that sends one message."""
    session = requests.Session()
    session.trust_env = False
    client = TelegramClient(TOKEN, url)
    payload = Payload("sendMessage", MESSAGE)
    typed = {**MESSAGE, "link_preview_options": LinkPreviewOptions(is_disabled=True)}
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    httpx = HTTPXRequest(connection_pool_size=8, pool_timeout=10)
    loop_bot = Bot(TOKEN, base_url=f"{url}/bot", request=httpx, get_updates_request=httpx)
    return {
        "bare requests.Session": lambda: session.post(f"{url}/bot{TOKEN}/sendMessage", json=MESSAGE, timeout=15).json(),
        "TelegramClient.send": lambda: client.send(payload, 15.0),
        "python-telegram-bot, on a loop in a thread": lambda: asyncio.run_coroutine_threadsafe(
            loop_bot.send_message(**typed), loop
        ).result(15),
    }


def measure(send: Callable[[], object], messages: int) -> tuple[float, float]:
    """Return milliseconds a message: passed, and of this process's processor time."""
    passed, used = time.perf_counter(), time.process_time()
    for _ in range(messages):
        send()
    return (time.perf_counter() - passed) * 1000 / messages, (time.process_time() - used) * 1000 / messages


def rounds(messages: int, count: int = ROUNDS) -> dict[str, list[tuple[float, float]]]:
    """Return what `measure` found of each way, once a round."""
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=_serve, args=(ports,), daemon=True)
    server.start()
    compared = ways(f"http://127.0.0.1:{ports.get()}")
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in compared}
    for send in compared.values():
        measure(send, 20)
    for _ in range(count):
        for name, send in compared.items():
            figures[name].append(measure(send, messages))
    server.terminate()
    return figures


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    sys.stdout.write(f"{messages} messages, the middle one of {ROUNDS} rounds; ms a message\n")
    for name, found in rounds(messages).items():
        passed, used = (statistics.median(column) for column in zip(*found, strict=True))
        sys.stdout.write(f"{passed:7.2f} passed {used:7.2f} processor   {name}\n")


if __name__ == "__main__":
    main()
