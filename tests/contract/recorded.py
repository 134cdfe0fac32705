"""What permabots 2.2.3 did: conversations recorded from the original, and how two records of a step are compared.

A comparison is about what people see: texts, chunks, buttons, targets, chats, statuses, calls to the user's API, stored
states. How a call is written on the wire (form or JSON, the names of options that libraries renamed) is not compared.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
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
        sends: per message what its reader sees. Telegram: chat, text, rows of buttons as (label, data, url), whether
            it takes a keyboard away, the id of the message it quotes. Kik, Messenger: chat, text, buttons.
        calls: per call to the user's API: method, path, query, body.
        states: per chat with a state: provider, chat, user, state, contexts.
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
    if isinstance(value, int) and not isinstance(value, bool):
        return value + seconds * next((unit for unit in (1, 1000) if _is_recorded(value / unit)), 0)
    if isinstance(value, str):
        return _text_to_present(value, seconds)
    return value


def _is_recorded(moment: float) -> bool:
    return abs(moment - RECORDED_AT) < 1_000_000


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
        in_order(send for call in step["provider_calls"] for send in _sends(call)),
        [
            {name: call[name] for name in ("method", "path", "query")} | {"body": call["body"] or ""}
            for call in step["user_api_requests"]
        ],
        [
            {
                "provider": row["provider"],
                "chat": str(row["chat"]),
                "user": str(row.get("user") or ""),
                "state": row["state"],
                "context": row["context"],
            }
            for row in step["chat_states_after"]
        ],
    )


def in_order(sends: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort what left in one step to several chats by chat; in each chat the order stays."""
    return sorted(sends, key=lambda send: ("html" not in send, "to" not in send, send["chat"]))


def _sends(call: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a recorded call to a provider showed to people."""
    if call["provider"] == "telegram":
        return [telegram_send(call["body"])] if call["call"] == "sendMessage" else []
    if call["provider"] == "kik":
        return [kik_send(message) for message in call["body"]["messages"]]
    return messenger_sends(call["body"]["recipient"]["id"], call["body"]["message"])


def kik_send(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of Kik as its reader sees it."""
    keyboards = message.get("keyboards") or [{"responses": []}]
    responses = [response["body"] for response in keyboards[0]["responses"]]
    return {"chat": message["chatId"], "to": message["to"], "text": message["body"], "buttons": responses}


def messenger_sends(chat: str, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a message of Messenger as its reader sees it: a text, or a text with buttons for each card."""
    template = message.get("attachment", {}).get("payload")
    if template is None:
        return [{"chat": chat, "text": message["text"], "buttons": []}]
    cards = template.get("elements") or [template]
    return [
        {
            "chat": chat,
            "text": card.get("title") or card["text"],
            "buttons": [(one["title"], one.get("payload"), one.get("url")) for one in card["buttons"]],
        }
        for card in cards
    ]


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
