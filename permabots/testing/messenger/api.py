"""The paths of the stand-in Graph API, its tokens and its answers."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from permabots.messages import Json
from permabots.testing.calls import CallHandler, Calling, Refusal
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.messenger.errors import (
    graph_error,
    no_such_object,
    parameter,
    rate_limited,
    token_missing,
    token_refused,
)
from permabots.testing.messenger.sending import SendApi
from permabots.testing.messenger.world import Page, World
from permabots.testing.wire import Request

_PATH = re.compile(r"(?:/v\d+\.\d+)?/([^/]+)(?:/([^/]+))?/?")
FIELDS = (
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "messaging_handovers",
    "standby",
    "feed",
)
"""What a page can be subscribed to, as far as the stand-in knows."""


class GraphApi(CallHandler):
    """Answers calls to the Graph API.

    Args:
        world: what is known.
        check_people: refuse a person who never wrote to the page, as Facebook does.
    """

    def __init__(self, world: World, check_people: bool) -> None:
        super().__init__(world.town)
        self._world = world
        self._sending = SendApi(world.town, check_people, self.violate)

    def read(self, request: Request) -> Calling:
        arguments = _arguments(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        given = str(arguments.pop("access_token", ""))
        return Calling(
            request,
            _method(request.path),
            arguments,
            credential=token or given,
            proof=str(arguments.pop("appsecret_proof", "")),
            chat_id=_recipient(arguments),
        )

    def admit(self, calling: Calling) -> Calling:
        token = calling.credential
        if not token:
            raise token_missing()
        with self._town.lock:
            if "REJECT" in token or token in self._town.revoked:
                raise token_refused()
            page = self._world.page(token)
            self._check_proof(page, calling)
        return replace(calling, bot=page.id)

    def _check_proof(self, page: Page, calling: Calling) -> None:
        if not calling.proof and page.require_proof:
            raise graph_error(
                100, "API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
            )
        right = self._world.proof(page, calling.credential) if self._world.secret(page) else calling.proof
        if calling.proof and not hmac.compare_digest(right.encode(), calling.proof.encode()):
            raise graph_error(
                100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException"
            )  # fmt: skip

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
            return self._about_page(calling) if mine else self._about_person(calling, name)
        if edge is not None and edge not in ("messages", "subscribed_apps"):
            raise graph_error(2500, f"Unknown path components: /{edge}")
        raise no_such_object(verb, name)

    def _subscribed_apps(self, calling: Calling) -> Json:
        with self._town.lock:
            page = self._world.page(calling.credential)
            match calling.request.method:
                case "POST":
                    page.fields, page.failing_since = _subscribed_fields(calling.arguments), 0.0
                case "DELETE":
                    page.fields = None
                case "GET":
                    return {"data": self._subscriptions(page)}
                case verb:
                    raise no_such_object(verb, page.id)
        return {"success": True}

    def _subscriptions(self, page: Page) -> list[Json]:
        app = self._world.app(page.app)
        if page.fields is None:
            return []
        about = {"link": f"https://app.example/{app.id}", "name": app.name, "id": app.id}
        return [{**about, "subscribed_fields": page.fields}]

    def _about_page(self, calling: Calling) -> Json:
        with self._town.lock:
            page = self._world.page(calling.credential)
        return _chosen({"name": page.name, "id": page.id}, calling.arguments)

    def _about_person(self, calling: Calling, psid: str) -> Json:
        with self._town.lock:
            if (calling.bot, psid) not in self._town.chats:
                raise no_such_object("GET", psid)
        about = {
            "first_name": "Person",
            "last_name": psid,
            "name": f"Person {psid}",
            "profile_pic": f"https://pictures.example/{psid}.jpg",
            "id": psid,
        }
        return _chosen(about, calling.arguments)

    def refusal(self, fault: Fault, calling: Calling) -> Refusal:
        if fault.kind is FaultKind.REVOKE:
            return token_refused()
        if fault.kind is FaultKind.TOO_MANY_REQUESTS:
            return rate_limited(fault.code or 613)
        text = fault.description or "(#100) Invalid parameter"
        return graph_error(fault.code or 100, text, fault.subcode, status=fault.status or 400)


def _method(path: str) -> str:
    match = _PATH.fullmatch(path)
    name, edge = match.groups() if match else ("", None)
    return edge or ("me" if name == "me" else "node")


def _arguments(request: Request) -> dict[str, Any]:
    """Return the arguments of query and body; those of the body win. A body that cannot be read holds none."""
    arguments: dict[str, Any] = dict(request.query)
    if "json" in request.headers.get("content-type", ""):
        try:
            body = request.json()
        except ValueError:
            return arguments
        return arguments | body if isinstance(body, dict) else arguments
    arguments.update(parse_qsl(request.text, keep_blank_values=True))
    for name in ("recipient", "message"):
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                continue  # it is refused as what it is: no object
    return arguments


def _recipient(arguments: dict[str, Any]) -> str:
    recipient = arguments.get("recipient")
    psid = recipient.get("id") if isinstance(recipient, dict) else None
    return psid if isinstance(psid, str) else ""


def _subscribed_fields(arguments: dict[str, Any]) -> list[str]:
    given = arguments.get("subscribed_fields")
    names = given.split(",") if isinstance(given, str) else given
    if not names or not isinstance(names, list):
        raise parameter("The parameter subscribed_fields is required")
    fields = [str(name).strip() for name in names]
    for number, name in enumerate(fields):
        if name not in FIELDS:
            raise parameter(f"Param subscribed_fields[{number}] must be one of {{{', '.join(FIELDS)}}}")
    return fields


def _chosen(about: dict[str, Json], arguments: dict[str, Any]) -> dict[str, Json]:
    """Return the fields that were asked for; the id is always there."""
    asked = str(arguments.get("fields") or "name").split(",")
    return {name: value for name, value in about.items() if name in asked or name == "id"}
