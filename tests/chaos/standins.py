"""The provider and the user's API of a run: stand-ins that know which process calls them, and hurt it by the script."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Hashable
from typing import Any
from urllib.parse import parse_qs

from permabots.testing import Fault, FaultKind, Reply, Request, StandInServer, TelegramServer, UserApiServer, json_reply
from tests.chaos.accounting.bot import read_answer, read_news
from tests.chaos.accounting.evidence import Key
from tests.chaos.accounting.script import Deed, Point
from tests.chaos.room import Room, news

API_PATH = "/chaos"
_SECONDS = {"too_many_requests": 1.0, "slow": 1.0}
"""How long some troubles at the provider last; the others outlast a send's time."""
_peer = threading.local()
"""Of the connection that this thread serves: ``port`` and ``pid`` of the other end, 0 where they are not known, and the
last ``call`` over it: its chat and when it came."""
NO_CALL = (0, 0.0)
FindPid = Callable[[int, int], int]
"""The ports of the client's end and of the server's -> the client's process."""


class Watching(StandInServer):
    """Knows the process at the other end of each connection."""

    def watch(self, room: Room, find_pid: FindPid) -> None:
        self.room, self._find_pid = room, find_pid

    def caller(self, request: Request) -> int:
        """Return the process that makes a request, and note that it did."""
        _peer.pid = pid = _peer.pid or self._find_pid(_peer.port, self.port)
        self.room.calls[pid].append(request.monotonic)
        return pid

    def _serve(self, connection: socket.socket) -> None:
        _peer.port, _peer.call = _port(connection), NO_CALL
        _peer.pid = self._find_pid(_peer.port, self.port)
        super()._serve(connection)


class ChaosTelegram(Watching, TelegramServer):
    """The stand-in Telegram of a run."""

    send_timeout = 2.0

    def respond(self, request: Request) -> Reply:
        self.room.heard.add(_peer.call)
        if not request.path.endswith("/sendMessage"):
            return super().respond(request)
        chat, text = _sent(request)
        pid = self.caller(request)
        _peer.call = chat, request.monotonic
        self.room.senders[_peer.call] = pid
        if (answer := read_answer(text)) is not None:
            key = chat, answer.number
            self.room.wake(key)
            return self._take(request, key, pid, lambda: self._order_trouble(key), lambda: self.room.answered(key))
        if (number := read_news(text)) is not None:
            return self._take(request, news(chat, number), pid, lambda: None, self.room.told)
        return super().respond(request)

    def _take(
        self, request: Request, key: Hashable, pid: int, before: Callable[[], None], after: Callable[[], None]
    ) -> Reply:
        """Take a call, and do to its caller what the script has for it; something before, something once accepted."""
        if self.room.harm(key, Point.BEFORE, pid):
            return Reply(cut=True)
        before()
        reply = super().respond(request)
        if reply.status == 200 and not reply.cut:
            after()
            killed = self.room.harm(key, Point.AFTER, pid) is Deed.KILL
            self.room.harm(key, Point.LATER, pid)
            return Reply(cut=True) if killed else reply
        return reply

    def _order_trouble(self, key: Key) -> None:
        kind, _, accepted = self.room.provider_trouble(key).partition(" ")
        if kind:
            seconds = _SECONDS.get(kind, self.send_timeout + 0.5)
            fault = Fault(
                FaultKind(kind), "sendMessage", key[0], count=1, accept=bool(accepted), seconds=seconds, enforce=True
            )
            self.add_fault(fault)


class ChaosApi(Watching, UserApiServer):
    """The stand-in API of the bot's author."""

    request_timeout = 2.0

    def open(self) -> None:
        """Add the route that the bot's handlers call."""
        self.add_route(f"{API_PATH}/<chat>/<number>", self._asked)

    def _asked(self, request: Request) -> Reply:
        chat, number = request.path.split("/")[-2:]
        key = (int(chat), int(number))
        pid = self.caller(request)
        self.room.wake(key)
        if self.room.harm(key, Point.REQUEST, pid) is Deed.KILL:
            return Reply(cut=True)
        self.room.harm(key, Point.REPLIED, pid)
        match self.room.api_trouble(key):
            case "slow":
                return Reply(200, b"{}", {"Content-Type": "application/json"}, delay=self.request_timeout / 2)
            case "hang":
                return Reply(delay=self.request_timeout + 0.5, cut=True)
            case "cut":
                return Reply(cut=True)
            case "500":
                return json_reply({"error": "boom"}, 500)
        return json_reply({"number": int(number)})


def _port(connection: socket.socket) -> int:
    """Return the port of the client's end; 0 where it is gone already."""
    try:
        port: int = connection.getpeername()[1]
    except OSError:
        return 0
    return port


def _sent(request: Request) -> tuple[int, str]:
    """Return the chat of a sendMessage, and its text."""
    arguments = _arguments(request)
    return int(arguments["chat_id"]), str(arguments["text"])


def _arguments(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        return dict(json.loads(request.body))
    return {name: values[-1] for name, values in parse_qs(request.text).items()}
