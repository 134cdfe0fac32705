"""The engine's public functions, called without the doors before them: for what is refused when it is saved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.request_building import first_request
from permabots.engine.http.responses import parse_response
from permabots.engine.patterns import TimeBudget, check_pattern, pattern_of
from permabots.engine.templates import Budget, RenderLimits, render_data, render_parameter, render_text, render_url
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.keyboards import render_keyboard
from permabots.exceptions import DefinitionError, PatternTimeout, RequestFailed, WebhookRejected
from permabots.providers.messenger.provider import Messenger
from permabots.providers.telegram.provider import Telegram
from permabots.values import Identity, Json, WebhookRequest

RENDERERS: Mapping[str, Any] = {
    "text": render_text,
    "keyboard": render_keyboard,
    "url": render_url,
    "parameter": render_parameter,
    "header": render_parameter,
    "data": render_data,
    "hook-text": render_text,
    "hook-keyboard": render_keyboard,
}


def evaluate(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Deal with one entry, as its room does; returns the fields of a `Seen`."""
    try:
        left = ROOMS[asked["room"]](asked)
    except (DefinitionError, RequestFailed, PatternTimeout, WebhookRejected) as error:
        return {"outcome": f"error: {error}", "told": [str(error)]}
    except Exception as error:  # noqa: BLE001 - that there is one at all is what is looked for
        return {"outcome": f"{type(error).__name__}: {error}", "unforeseen": True}
    return {"outcome": "answered", "left": left}


def in_header(value: str) -> list[str]:
    """Return a header as it is sent."""
    request = first_request(PreparedCall("GET", "http://127.0.0.1/", headers={"X-Value": value}), "key")
    return [str(request.headers["X-Value"])]


def render(asked: Mapping[str, Any]) -> list[str]:
    """Render a template; returns what leaves."""
    made = RENDERERS[asked["kind"]](asked["source"], context_of(asked), Budget(RenderLimits()))
    return list(LEAVING.get(asked["kind"], texts_in)(made))


def search(asked: Mapping[str, Any]) -> list[str]:
    """Check patterns, and search them in a message as a bot with all of them does."""
    for pattern in asked["source"].split(asked["data"]) if asked["data"] else [asked["source"]]:
        check_pattern(pattern)
        pattern_of(pattern).search(asked["message"], TimeBudget(0.25, 1.0))
    return []


def read(asked: Mapping[str, Any]) -> list[str]:
    """Read a body of a webhook."""
    provider = Messenger() if asked["kind"] == "messenger" else Telegram()
    events = provider.parse(WebhookRequest(asked["source"].encode("utf-8", "surrogatepass")), Identity("1", "bot"))
    return [f"{len(events)} events"]


ROOMS: Mapping[str, Any] = {"templates": render, "patterns": search, "webhooks": read, "calls": lambda asked: []}
"""What is done with an entry of each room; a call of the API is nothing that a worker deals with."""

LEAVING: Mapping[str, Any] = {
    "data": lambda made: [json.dumps(made)],
    "header": in_header,
    "parameter": lambda made: [quote(made, safe="", errors="replace")],
}
"""What leaves of a part of a request: its place is escaped by what sends it."""


def context_of(asked: Mapping[str, Any]) -> dict[str, Json]:
    """Return what the template would see."""
    env, answer = asked["env"] or {}, parse_response(200, asked["data"].encode(errors="replace"), "utf-8")
    if asked["kind"].startswith("hook"):
        return {"env": env, "data": answer.data, "emoji": EMOJI}
    return {
        "service": "telegram",
        "state_context": {},
        "pattern": {"x": asked["message"]},
        "env": env,
        "message": {"message": {"text": asked["message"], "from_user": {"first_name": "Ann"}}},
        "emoji": EMOJI,
        "response": {"status": 200, "data": answer.data},
    }


def texts_in(value: Any) -> Iterable[str]:
    """Return every text in a value, the names of its fields too, and the JSON of what is JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for item in pair for text in texts_in(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in texts_in(item))
    elif hasattr(value, "__slots__"):
        yield from (text for name in value.__slots__ for text in texts_in(getattr(value, name)))
    elif value is not None:
        yield json.dumps(value)
