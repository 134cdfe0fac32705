"""The paths of the stand-in Graph API, its tokens and its answers."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable

from permabots.testing.calls import CallHandler, Calling, Refusal
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Request
from permabots.testing.messenger.arguments import chosen, read_arguments, recipient_of, subscribed_fields
from permabots.testing.messenger.errors import (
    graph_error,
    no_such_object,
    rate_limited,
    token_missing,
    token_refused,
)
from permabots.testing.messenger.sending import SendApi
from permabots.testing.messenger.state import MessengerState, Page
from permabots.values import Json

_PATH = re.compile(r"(?:/v\d+\.\d+)?/([^/]+)(?:/([^/]+))?/?")


class GraphApi(CallHandler):
    """Answers calls to the Graph API.

    Args:
        state: what is known.
        check_people: refuse a person who never wrote to the page, as Facebook does.
        shown: told, with the lock held, of every message that people see now.
    """

    _state: MessengerState

    def __init__(self, state: MessengerState, check_people: bool, shown: Callable[[dict[str, Json]], None]) -> None:
        super().__init__(state)
        self._sending = SendApi(state, check_people, self.violate, shown)

    def read(self, request: Request) -> Calling:
        arguments = read_arguments(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        given = str(arguments.pop("access_token", ""))
        return Calling(
            request,
            _method(request.path),
            arguments,
            credential=token or given,
            proof=str(arguments.pop("appsecret_proof", "")),
            chat_id=recipient_of(arguments),
        )

    def admit(self, calling: Calling) -> None:
        token = calling.credential
        if not token:
            raise token_missing()
        with self._state.lock:
            if "REJECT" in token or token in self._state.revoked:
                raise token_refused()
            page = self._state.page(token)
            self._check_proof(page, calling)
        calling.bot = page.id

    def _check_proof(self, page: Page, calling: Calling) -> None:
        if not calling.proof and page.require_proof:
            raise graph_error(
                100, "API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
            )
        right = self._state.proof(page, calling.credential) if self._state.secret(page) else calling.proof
        if calling.proof and not hmac.compare_digest(right.encode(), calling.proof.encode()):
            raise graph_error(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")

    def carry_out(self, calling: Calling) -> Json:
        match = _PATH.fullmatch(calling.request.path)
        name, edge = match.groups() if match else ("", None)
        verb = calling.request.method
        mine = name in ("me", calling.bot)
        if edge == "messages" and mine and verb == "POST":
            return self._sending.send(calling)
        if edge == "subscribed_apps" and mine:
            return self._subscribed_apps(calling)
        if edge is None and verb == "GET":
            return self._node(calling, name)
        if edge is not None and edge not in ("messages", "subscribed_apps"):
            raise graph_error(2500, f"Unknown path components: /{edge}")
        raise no_such_object(verb, name)

    def _subscribed_apps(self, calling: Calling) -> Json:
        with self._state.lock:
            page = self._state.page(calling.credential)
            match calling.request.method:
                case "POST":
                    page.fields, page.failing_since = subscribed_fields(calling.arguments), 0.0
                case "DELETE":
                    page.fields = None
                case "GET":
                    return {"data": self._subscriptions(page)}
                case verb:
                    raise no_such_object(verb, page.id)
        return {"success": True}

    def _subscriptions(self, page: Page) -> list[Json]:
        app = self._state.app(page.app)
        if page.fields is None:
            return []
        about = {"link": f"https://app.example/{app.id}", "name": app.name, "id": app.id}
        return [{**about, "subscribed_fields": page.fields}]

    def _node(self, calling: Calling, name: str) -> Json:
        """Return the page, its app or a person."""
        with self._state.lock:
            page = self._state.page(calling.credential)
            app = self._state.app(page.app)
            about: dict[str, Json] = {
                "me": {"name": page.name, "id": page.id},
                page.id: {"name": page.name, "id": page.id},
                "app": {"name": app.name, "id": app.id},
            }
        return chosen(about.get(name) or self._person(calling, name), calling.arguments)

    def _person(self, calling: Calling, psid: str) -> dict[str, Json]:
        with self._state.lock:
            if self._state.known_chat(calling.bot, psid) is None:
                raise no_such_object("GET", psid)
        return {
            "first_name": "Person",
            "last_name": psid,
            "name": f"Person {psid}",
            "profile_pic": f"https://pictures.example/{psid}.jpg",
            "id": psid,
        }

    def refusal(self, fault: Fault, calling: Calling) -> Refusal:
        if fault.kind is FaultKind.REVOKE:
            return token_refused()
        if fault.kind is FaultKind.TOO_MANY_REQUESTS:
            return rate_limited(fault.code or 613, calling.bot, int(fault.seconds // 60))
        text = fault.description or "(#100) Invalid parameter"
        return graph_error(fault.code or 100, text, fault.subcode, status=fault.status or 400)


def _method(path: str) -> str:
    match = _PATH.fullmatch(path)
    name, edge = match.groups() if match else ("", None)
    return edge or ("me" if name == "me" else "node")
