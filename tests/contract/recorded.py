"""What permabots 2.2.3 did: conversations recorded from the original, and how two records of a step are compared.

A comparison is about what people see: texts, chunks, buttons, targets, chats, statuses, calls to the user's API, stored
states. How a call is written on the wire (form or JSON, the names of options that libraries renamed) is not compared.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

RECORDED_AT = 1_460_000_000
"""The date of the recorded payloads, in seconds since 1970."""


@dataclass(frozen=True)
class Seen:
    """What one step did.

    Args:
        status: the webhook's.
        sends: per message: chat, text, rows of buttons as (label, data, url), whether it takes a keyboard away,
            the id of the message it quotes.
        calls: per call to the user's API: method, path, query, body.
        states: per chat with a state: chat, user, state, contexts.
    """

    status: int
    sends: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    states: list[dict[str, Any]]


@lru_cache(maxsize=1)
def cases() -> list[dict[str, Any]]:
    """Return the recorded conversations."""
    content = json.loads((Path(__file__).parent / "chat.json").read_text())
    return list(content["cases"])


def shift() -> int:
    """Return the seconds by which recorded dates are moved to the present, in whole days."""
    return (int(time.time()) - RECORDED_AT) // 86_400 * 86_400


def to_present(value: Any, seconds: int) -> Any:
    """Move the dates in a recorded value: numbers in payloads, and the texts that templates made of them."""
    if isinstance(value, dict):
        return {key: to_present(item, seconds) for key, item in value.items()}
    if isinstance(value, list):
        return [to_present(item, seconds) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value - RECORDED_AT) < 1_000_000:
        return value + seconds
    if isinstance(value, str):
        return _text_to_present(value, seconds)
    return value


def _text_to_present(text: str, seconds: int) -> str:
    def moved(found: re.Match[str]) -> str:
        then = datetime.strptime(found[0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        return f"{datetime.fromtimestamp(then.timestamp() + seconds, UTC):%Y-%m-%d %H:%M:%S}"

    text = re.sub(r"2016-04-\d\d \d\d:\d\d:\d\d", moved, text)
    return re.sub(r"<today:([^>]+)>", lambda found: f"{datetime.now(UTC):{found[1]}}", text)


def expected(step: dict[str, Any]) -> Seen:
    """Return what the original did in a step."""
    return Seen(
        step["status"],
        [telegram_send(call["body"]) for call in step["provider_calls"] if call["call"] == "sendMessage"],
        [
            {name: call[name] for name in ("method", "path", "query")} | {"body": call["body"] or ""}
            for call in step["user_api_requests"]
        ],
        [
            {"chat": str(row["chat"]), "user": str(row["user"]), "state": row["state"], "context": row["context"]}
            for row in step["chat_states_after"]
            if row["provider"] == "telegram"
        ],
    )


def telegram_send(body: dict[str, Any]) -> dict[str, Any]:
    """Return a ``sendMessage`` as its reader sees it."""
    markup = body.get("reply_markup") or {}
    markup = json.loads(markup) if isinstance(markup, str) else markup
    rows = [
        [(button["text"], button.get("callback_data"), button.get("url")) for button in row]
        for row in markup.get("inline_keyboard", ())
    ]
    quoted = body.get("reply_parameters") or {}
    return {
        "chat": str(body["chat_id"]),
        "text": body["text"],
        "rows": rows,
        "hides": bool(markup.get("hide_keyboard") or markup.get("remove_keyboard")),
        "quotes": body.get("reply_to_message_id", quoted.get("message_id")),
        "html": body.get("parse_mode") == "HTML",
    }
