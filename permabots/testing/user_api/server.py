"""The stand-in API of a bot's author: built-in routes, and those that a test adds."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from permabots.testing.control import Operations
from permabots.testing.http11 import Reply, Request, json_reply
from permabots.testing.server import StandInServer
from permabots.values import Json

PREFIX = "/u"

Answer = Callable[[Request], Reply | Json]
"""Answers a request, with a `Reply` or with what becomes the JSON of a 200."""


@dataclass(slots=True)
class _Route:
    pattern: re.Pattern[str]
    method: str
    answer: Answer
    delay: float
    cut: bool
    left: int | None

    def fits(self, request: Request) -> bool:
        return self.method in ("", request.method) and self.pattern.fullmatch(request.path) is not None


class UserApiServer(StandInServer):
    """The stand-in API.

    Args:
        port: the port to bind; 0 for a free one.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.requests: list[Request] = []
        """Every request, in order of arrival; `Request.headers` has the ``idempotency-key``."""
        self._routes: list[_Route] = []
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        """What comes before a route: ``http://127.0.0.1:<port>/u``."""
        return self.url + PREFIX

    def respond(self, request: Request) -> Reply:
        self.requests.append(request)
        route = self._taken_route(request)
        answer = _built_in(request) if route is None else route.answer(request)
        reply = answer if isinstance(answer, Reply) else json_reply(answer)
        return reply if route is None else replace(reply, delay=reply.delay + route.delay, cut=reply.cut or route.cut)

    def add_route(
        self,
        path: str,
        answer: Answer | Json = None,
        *,
        method: str = "",
        status: int = 200,
        delay: float = 0.0,
        cut: bool = False,
        times: int | None = None,
    ) -> None:
        """Add a route; of several that fit a request the last added counts, before the built-in ones.

        Args:
            path: as ``/u/orders/<number>``; a part in angle brackets stands for anything without a slash.
            answer: a callable, or the JSON to answer.
            method: "" for any.
            status: where ``answer`` is JSON.
            delay: seconds to wait before the answer leaves. With ``cut`` and a long delay the server hangs.
            cut: close the connection instead of answering.
            times: how many requests it answers before it is used up; None for no end.
        """
        parts = [re.escape(part) if i % 2 == 0 else "[^/]+" for i, part in enumerate(re.split(r"<(\w+)>", path))]
        call: Answer = answer if callable(answer) else lambda _: json_reply(answer, status)
        with self._lock:
            self._routes.insert(0, _Route(re.compile("".join(parts)), method.upper(), call, delay, cut, times))

    def clear(self) -> None:
        """Forget the requests and the added routes."""
        with self._lock:
            self.requests.clear()
            self._routes.clear()

    def operations(self) -> Operations:
        return {"add_route": self.add_route, "clear": self.clear, "requests": lambda start=0: self.requests[start:]}

    def _taken_route(self, request: Request) -> _Route | None:
        with self._lock:
            route = next((r for r in self._routes if r.left != 0 and r.fits(request)), None)
            if route is not None and route.left is not None:
                route.left -= 1
            return route


def _built_in(request: Request) -> Reply:
    name, _, rest = request.path.removeprefix(f"{PREFIX}/").partition("/")
    if not request.path.startswith(f"{PREFIX}/"):
        return json_reply({"detail": "no such route"}, 404)
    match name:
        case "echo":
            return _echo(request)
        case "item" if rest:
            return json_reply({"detail": "nope"}, 404) if rest == "99" else _item(rest)
    return _FIXED.get(name, json_reply({"detail": "no such route"}, 404))


def _echo(request: Request) -> Reply:
    content_type, test = request.headers.get("content-type"), request.headers.get("x-test")
    query = [list(pair) for pair in request.query]
    return json_reply({"method": request.method, "query": query, "ct": content_type, "x": test, "body": request.text})


def _item(key: str) -> Reply:
    return json_reply({"id": key, "name": f"author{key}"})


_FIXED = {
    "list": json_reply([{"name": "author1"}, {"name": "author2"}]),
    "fail500": json_reply({"error": "boom"}, 500),
    "text": Reply(200, b"just text", {"Content-Type": "text/plain"}),
    "created": json_reply({"name": "made"}, 201),
    "nocontent": Reply(204),
    "redirect": Reply(302, b"", {"Location": f"{PREFIX}/item/7"}),
    "string": json_reply("a plain JSON string"),
}
