"""Making the recorded calls over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from rest_framework.authtoken.models import Token

from permabots.models import ChatState, Conversation, TelegramBot
from permabots.providers.base.signatures import signed
from tests.api.conftest import StandIns
from tests.contract.api_recorded import Answer, Names
from tests.factories import make_user

FULL = "handlers/<uuid:handler-full>/"
NO_PARAMETERS = {"url_parameters": None, "header_parameters": None}
UNDO: dict[int, tuple[str, str, Any]] = {
    290: ("PUT", FULL, {"request": NO_PARAMETERS}),
    316: ("PUT", FULL, {"pattern": "^/p"}),
    322: ("PUT", FULL, {"response": {"text_template": "new"}}),
    324: ("PUT", FULL, {"response": {"keyboard_template": '[["z"]]'}}),
    325: ("PUT", FULL, {"response": {"keyboard_template": '[["z"]]'}}),
    326: ("PUT", FULL, {"response": {"text_template": "new"}}),
    334: ("PUT", FULL, {"request": NO_PARAMETERS}),
    337: ("PUT", FULL, {"target_state": {"name": "made by put"}}),
    338: ("PUT", FULL, {"source_states": None}),
    340: ("PUT", FULL, {"request": {"url_template": "http://new/", "method": "Put", "data": '{"a": "b"}'}}),
    341: ("PUT", "handlers/<uuid:handler>/", {"request": None}),
    443: ("DELETE", FULL + "sourcestates/<uuid:state-twin1>/", None),
}
"""Call -> what takes back that it does now what it should have done, so that the next calls mean what they meant."""
REPEATED = {778}
"""Calls with the very body of the one before, where placeholders do not show it."""
OLD_API, OLD_HOOKS = "/permabots/api/", "/process/"
REFUSED_TOKEN = "111:REJECT"
KIK_KEY = "gold-1"
JSON = {"Content-Type": "application/json"}


@dataclass
class Replay:
    """The users, the stand-ins and what was learnt so far.

    Args:
        url: of the live server.
        standins: of the providers.
        names: ids by their placeholders.
        tokens: of the users, by their names.
        sent: the body of the last recorded call.
    """

    url: str
    standins: StandIns
    names: Names = field(default_factory=Names)
    tokens: dict[str, str] = field(default_factory=dict)
    sent: str | None = None

    def __post_init__(self) -> None:
        for name in ("alice", "bob"):
            self.tokens[name] = Token.objects.create(user=make_user(name)).key
        self.tokens["badtoken"] = "nobody"
        # Telegram knows no bot of a number this short: the original's library refused it before asking.
        self.standins.telegram.revoke("12:abc")

    def call(self, call: dict[str, Any]) -> Answer:
        """Make a recorded call."""
        body = self.names.fill(call.get("body"))
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        content = self.sent = self.sent if call["n"] in REPEATED else content
        return self.send(
            call["method"],
            self.names.fill(call["path"]),
            content,
            call.get("as_user", "alice"),
            {"Content-Type": call.get("content_type", "application/json"), **_signature(call, content)},
        )

    def send(
        self, method: str, path: str, content: str | None = None, user: str = "alice", more: Mapping[str, str] = JSON
    ) -> Answer:
        """Make a call and return its answer; ``more`` are its headers beside the caller's token."""
        headers = dict(more)
        if user in self.tokens:
            headers["Authorization"] = f"Token {self.tokens[user]}"
        if path.startswith(f"{OLD_HOOKS}telegrambot/"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret(path)
        path = path.replace(OLD_HOOKS, "/processing/", 1) if path.startswith(OLD_HOOKS) else path
        answer = requests.request(
            method, self.url + path, data=content, headers=headers, timeout=30, allow_redirects=False
        )
        return Answer(answer.status_code, _content(answer), answer.headers.get("Allow", ""))

    def _secret(self, path: str) -> str:
        row = TelegramBot.objects.filter(pk=path.split("/")[3]).first() if "abc" not in path else None
        return row.webhook_secret if row else "none"

    # What was done from outside while recording

    def before(self, number: int) -> None:
        """Do what was done by hand before a call."""
        if number == 61:
            TelegramBot.objects.update(token=REFUSED_TOKEN)
        if number == 616:
            self._know("telegram", "501", "601")
        if number == 660:
            self._know("kik", "kchat", "kuser")
        if number in {657, 700}:
            ChatState.objects.all().delete()

    def after(self, number: int) -> None:
        """Do what was done by hand after a call."""
        if number == 61:
            TelegramBot.objects.filter(pk__in=self._refused()).update(token="111:aaa")
        if number in UNDO:
            method, path, body = UNDO[number]
            path = OLD_API + self.names.fill("bots/<uuid:bot>/" + path)
            answer = self.send(method, path, json.dumps(body) if body is not None else None)
            assert answer.status in {200, 204}, f"{number} could not be undone: {answer}"

    def _refused(self) -> list[Any]:
        return [row.pk for row in TelegramBot.objects.all() if row.token == REFUSED_TOKEN]

    def _know(self, provider: str, chat: str, user: str) -> None:
        Conversation.objects.create(bot_id=self.names.known["bot"], provider=provider, chat_id=chat, user_id=user)


def _signature(call: dict[str, Any], content: str | None) -> dict[str, str]:
    """Return Kik's header as the call had it: right, right but in lower case, or wrong."""
    shown = call.get("headers", {}).get("X-Kik-Signature")
    if shown is None:
        return {}
    right = signed((content or "").encode(), KIK_KEY, "sha1")
    signature = right.upper() if shown.startswith("<") else right if shown.islower() else shown
    return {"X-Kik-Signature": signature}


def _content(answer: requests.Response) -> Any:
    if not answer.content:
        return None
    if answer.headers["Content-Type"] == "application/json":
        return answer.json()
    return {"__not_json__": answer.text}
