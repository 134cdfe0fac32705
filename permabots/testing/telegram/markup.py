"""What Telegram says about a ``reply_markup``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from permabots.testing.telegram.arguments import Arguments
from permabots.testing.telegram.errors import bad_request
from permabots.testing.telegram.text import shows
from permabots.values import Json

MAX_BUTTONS = 100
"""Inline buttons in one message; observed by library authors, not documented by Telegram."""
MAX_SIZE = 10_000
"""Bytes of a keyboard's JSON; observed by authors of bots (tginfo/Telegram-Limits, 187), not documented."""
MAX_DATA = 64
"""Bytes of a button's ``callback_data`` (Bot API, InlineKeyboardButton)."""

_ACTIONS = ("web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text", "pay")
_PROTOCOLS = ("http", "https")
_HOST = re.compile(r"(?:[a-z0-9._!$,~*'();&+=-]|%[0-9a-f]{2}|[^\x00-\x7f])+")


def read_markup(arguments: Arguments) -> dict[str, Json]:
    """Return the checked ``reply_markup`` of a call, {} where there is none.

    Raises:
        ApiError: as Telegram refuses it.
    """
    markup = arguments.structure("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        buttons = list(_buttons(markup["inline_keyboard"], "inline keyboard"))
        for button in buttons:
            _check_inline(button)
        if len(buttons) > MAX_BUTTONS or _size(markup) > MAX_SIZE:
            raise bad_request("reply markup is too long")
        return markup if buttons else {}
    if "keyboard" in markup:
        for button in _buttons(markup["keyboard"], "keyboard"):
            _check_text(button, "keyboard")
    return markup


def _size(markup: Json) -> int:
    return len(json.dumps(markup, ensure_ascii=False).encode("utf-8", "replace"))


def _buttons(rows: Json, name: str) -> Iterator[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name.replace(" ", "_")}" of the ReplyMarkup must be an Array of Arrays')
    for row in rows:
        yield from row


def _check_text(button: Any, name: str) -> None:
    text = button if isinstance(button, str) and name == "keyboard" else None
    if isinstance(button, dict):
        text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(f"can't parse {name} button: Can't find field \"text\"")
    if not shows(text):
        raise bad_request(f"{name} button text must be non-empty")


def _check_inline(button: Any) -> None:
    _check_text(button, "inline keyboard")
    data = button.get("callback_data")
    if button.get("url"):
        _check_url(str(button["url"]))
    elif data:
        if not isinstance(data, str) or len(data.encode("utf-8", "replace")) > MAX_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    elif not any(action in button for action in _ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _check_url(url: str) -> None:
    reason = url_refusal(url)
    if reason:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def url_refusal(url: str) -> str:
    """Return why Telegram takes no such URL for a button, "" where it does.

    As TDLib reads it (``LinkManager::check_link``, ``parse_url``). A link without ``://`` is read as host and port,
    which is why ``tel:+49151`` is refused. A host in brackets is refused by Telegram itself.
    """
    own, _, link = url.strip().partition(":")
    if own.lower() in ("tg", "ton"):
        host = re.split(r"[/?#]", link.removeprefix("//"), maxsplit=1)[0]
        named = re.fullmatch(r"[A-Za-z0-9_-]+", host) is not None
        return "" if named and not host.lower().startswith("http") else f"Wrong {own.lower()} URL"
    scheme, mark, rest = url.strip().partition("://")
    if mark and scheme.lower() not in _PROTOCOLS:
        return "Unsupported URL protocol"
    authority = re.split(r"[/?#]", rest if mark else url.strip(), maxsplit=1)[0]
    before, colon, port = authority.rpartition(":")
    if colon and before and "]" not in port and "@" not in port:
        digits = port.lstrip("0")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 5 and int(digits) <= 65_535):
            return "Wrong port number specified in the URL"
        authority = before
    host = authority.rpartition("@")[2].lower()
    if not host:
        return "URL host is empty"
    return "" if "." in host and host != "." and _HOST.fullmatch(host) else "Wrong HTTP URL"
