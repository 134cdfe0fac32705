"""The paths of the stand-in Kik, its credentials and its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from permabots.testing.calls import CallHandler, Calling, Refusal
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Request
from permabots.testing.journal import Sent
from permabots.testing.kik.content import SILENT, check_messages, shown_text
from permabots.testing.kik.errors import (
    bad_request,
    forbidden,
    kik_error,
    not_found,
    too_many,
    unauthorized,
    unknown_person,
)
from permabots.testing.kik.state import Bot, KikState, credentials
from permabots.values import Json

KEY = "gold-"
"""How an API key begins that is taken."""
MISBEHAVING: dict[str, Callable[[], Refusal]] = {
    "blocked403": forbidden,
    "limited429": too_many,
    "unknown400": unknown_person,
}
"""People who always refuse, by username."""
UNKNOWN = "unknown400"
FEATURES = ("receiveReadReceipts", "receiveIsTyping", "manuallySendReadReceipts", "receiveDeliveryReceipts")


class KikApi(CallHandler):
    """Answers calls to Kik's API.

    Args:
        state: what is known.
        check_people: refuse a person who never wrote to the bot.
    """

    _state: KikState

    def __init__(self, state: KikState, check_people: bool) -> None:
        super().__init__(state)
        self._check_people = check_people

    def read(self, request: Request) -> Calling:
        arguments = _arguments(request)
        method = request.path.strip("/").removeprefix("v1/").partition("/")[0]
        username, key = credentials(request.headers.get("authorization", ""))
        return Calling(request, method, arguments, bot=username, credential=key, chat_id=_chat(arguments))

    def admit(self, calling: Calling) -> None:
        with self._state.lock:
            key = calling.credential
            if not calling.bot or not key.startswith(KEY) or key in self._state.revoked:
                raise unauthorized()
            bot = self._state.bot(calling.bot)
            bot.key = key
            calling.bot = bot.username

    def carry_out(self, calling: Calling) -> Json:
        verb, path = calling.request.method, calling.request.path.rstrip("/")
        if path == "/v1/message" and verb == "POST":
            return self._message(calling)
        if path == "/v1/config" and verb == "GET":
            with self._state.lock:
                return self._state.bot(calling.bot).config()
        if path == "/v1/config" and verb == "POST":
            return self._configure(calling)
        if path.startswith("/v1/user/") and verb == "GET":
            return _person(path.removeprefix("/v1/user/"))
        raise not_found()

    def _configure(self, calling: Calling) -> Json:
        webhook, features = calling.arguments.get("webhook"), calling.arguments.get("features")
        if not isinstance(webhook, str) or not urlsplit(webhook).hostname:
            raise bad_request("webhook must be a URL")
        if not isinstance(features, dict):
            raise bad_request("features must be an object")
        if any(name not in FEATURES or not isinstance(value, bool) for name, value in features.items()):
            raise bad_request(f"features must be true or false for some of {', '.join(FEATURES)}")
        with self._state.lock:
            bot = self._state.bot(calling.bot)
            bot.webhook, bot.features = webhook, features
            bot.static_keyboard = calling.arguments.get("staticKeyboard")
            return bot.config()

    def _message(self, calling: Calling) -> Json:
        """Take all messages of a call, or none."""
        messages = check_messages(calling.arguments.get("messages"))
        with self._state.lock:
            bot = self._state.bot(calling.bot)
            for message in messages:
                self._check_reachable(bot, message["to"])
            for message in messages:
                if message["type"] not in SILENT:
                    self._keep(calling, bot, message)
        return {}

    def _check_reachable(self, bot: Bot, username: str) -> None:
        if username in MISBEHAVING:
            raise MISBEHAVING[username]()
        if self._check_people and username not in bot.people:
            raise unknown_person()

    def _keep(self, calling: Calling, bot: Bot, message: dict[str, Any]) -> None:
        chat_id = message.get("chatId") or bot.people.get(message["to"], message["to"])
        number = str(message.get("id") or uuid4())
        sent = Sent(
            bot=bot.username,
            chat_id=chat_id,
            message_id=number,
            text=shown_text(message),
            message=message,
            answered=calling.answered,
            monotonic=calling.request.monotonic,
            time=calling.request.time,
        )
        moment = self._state.moment()
        record = {**message, "id": number, "chatId": chat_id, "from": bot.username, "timestamp": moment}
        self._state.keep(sent, record)

    def refusal(self, fault: Fault, calling: Calling) -> Refusal:
        if fault.kind is FaultKind.REVOKE:
            return unauthorized()
        if fault.kind is FaultKind.TOO_MANY_REQUESTS:
            return too_many(fault.seconds)
        return kik_error(fault.status or 400, "BadRequest", fault.description or "Bad request")


def _arguments(request: Request) -> dict[str, Json]:
    """Return query and body; a body that is no JSON object holds nothing."""
    arguments: dict[str, Json] = dict(request.query)
    try:
        body = request.json() if request.body else {}
    except ValueError:
        return arguments
    return arguments | body if isinstance(body, dict) else arguments


def _chat(arguments: dict[str, Json]) -> str:
    """Return the chat of the first message, else its recipient; "" for no message."""
    messages = arguments.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return str(first.get("chatId") or first.get("to") or "") if isinstance(first, dict) else ""


def _person(username: str) -> Json:
    if username == UNKNOWN:
        raise not_found()
    return {
        "firstName": username.capitalize(),
        "lastName": "Person",
        "profilePicUrl": f"https://pictures.example/{username}.jpg",
        "profilePicLastModified": 1458959883000,
        "timezone": "Europe/Berlin",
    }
