"""The methods of the Bot API that the stand-in knows, but for sending (`sending`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from permabots.testing.http11 import Request
from permabots.testing.telegram.arguments import Arguments
from permabots.testing.telegram.errors import api_error, bad_request
from permabots.testing.telegram.state import Bot, TelegramState, Webhook
from permabots.testing.webhook_client import LOOPBACK
from permabots.values import Json

WEBHOOK_PORTS = (80, 88, 443, 8443)


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A call of a method.

    Args:
        bot: who calls.
        arguments: of the call.
        request: the HTTP request.
        answered: whether the bot will be told how it went.
    """

    bot: Bot
    arguments: Arguments
    request: Request
    answered: bool


Method = Callable[[MethodCall], dict[str, Json]]
"""Carries a call out and returns the answer's fields besides ``ok``; raises `Refusal`."""


class AccountApi:
    """getMe, the webhook, getUpdates, answerCallbackQuery.

    Args:
        state: what is known.
        wake: called, with the lock held, where a bot's waiting updates may be delivered now.
        callback_seconds: how long after a press it may be answered; its exact length is not documented.
    """

    def __init__(self, state: TelegramState, wake: Callable[[Bot], None], callback_seconds: float) -> None:
        self._state = state
        self._wake = wake
        self._callback_seconds = callback_seconds
        self.closed = False
        """Set to end every long poll."""

    def methods(self) -> dict[str, Method]:
        """Return the methods by their names in lower case."""
        return {
            "getme": self.get_me,
            "setwebhook": self.set_webhook,
            "deletewebhook": self.delete_webhook,
            "getwebhookinfo": self.get_webhook_info,
            "getupdates": self.get_updates,
            "answercallbackquery": self.answer_callback_query,
        }

    def get_me(self, calling: MethodCall) -> dict[str, Json]:
        """Return the bot's account."""
        abilities = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        return {"result": calling.bot.account() | abilities}

    def set_webhook(self, calling: MethodCall) -> dict[str, Json]:
        """Note where updates go; an empty ``url`` deletes the webhook."""
        arguments, bot = calling.arguments, calling.bot
        url = arguments.string("url").strip()
        if not url:
            return self.delete_webhook(calling)
        _check_url(url)
        secret = _checked_secret(arguments)
        allowed = arguments.structure("allowed_updates", "can't parse allowed updates list")
        with self._state.lock:
            old = bot.webhook
            connections = min(100, max(1, arguments.integer("max_connections", 40)))
            bot.webhook = Webhook(url, secret, connections, old.allowed if allowed is None else list(allowed))
            if arguments.boolean("drop_pending_updates"):
                bot.pending.clear()
            self._wake(bot)
            same = (old.url, old.secret) == (url, secret)
        return {"result": True, "description": "Webhook is already set" if same else "Webhook was set"}

    def delete_webhook(self, calling: MethodCall) -> dict[str, Json]:
        """Let updates wait for getUpdates."""
        with self._state.lock:
            was_set = bool(calling.bot.webhook.url)
            calling.bot.webhook = Webhook(allowed=calling.bot.webhook.allowed)
            if calling.arguments.boolean("drop_pending_updates"):
                calling.bot.pending.clear()
            self._state.changed.notify_all()
        return {"result": True, "description": "Webhook was deleted" if was_set else "Webhook is already deleted"}

    def get_webhook_info(self, calling: MethodCall) -> dict[str, Json]:
        """Return the webhook, the number of waiting updates, and the last failure."""
        with self._state.lock:
            webhook = calling.bot.webhook
            info: dict[str, Json] = {
                "url": webhook.url,
                "has_custom_certificate": False,
                "pending_update_count": len(calling.bot.pending),
            }
            if webhook.url:
                info["max_connections"] = webhook.max_connections
                info["ip_address"] = "127.0.0.1"
            if webhook.allowed:
                info["allowed_updates"] = webhook.allowed
            if webhook.last_error:
                info |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error}
        return {"result": info}

    def get_updates(self, calling: MethodCall) -> dict[str, Json]:
        """Return waiting updates, and wait for one where there is none; `offset` acknowledges the updates before it."""
        arguments, bot = calling.arguments, calling.bot
        offset = arguments.integer("offset")
        limit = min(100, max(1, arguments.integer("limit", 100)))
        end = monotonic() + min(50, max(0, arguments.integer("timeout")))
        with self._state.changed:
            while True:
                if bot.webhook.url:
                    raise api_error(
                        409,
                        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
                        "the webhook first",
                    )
                updates = _from_offset(bot, offset)[:limit]
                left = end - monotonic()
                if updates or left <= 0 or self.closed:
                    return {"result": updates}
                self._state.changed.wait(left)

    def answer_callback_query(self, calling: MethodCall) -> dict[str, Json]:
        """Take the answer to a button press."""
        query = calling.arguments.string("callback_query_id")
        with self._state.lock:
            pressed = calling.bot.callbacks.get(query)
        if pressed is None or monotonic() - pressed > self._callback_seconds:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return {"result": True}


def _check_url(url: str) -> None:
    try:
        address = urlsplit(url)
        port = address.port or 443
    except ValueError as error:
        raise bad_request("invalid webhook URL specified") from error
    if address.scheme == "http" and address.hostname in LOOPBACK:
        return
    if address.scheme != "https" or not address.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _checked_secret(arguments: Arguments) -> str:
    secret = arguments.string("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    return secret


def _from_offset(bot: Bot, offset: int) -> list[dict[str, Json]]:
    """Acknowledge the updates before the offset and return the others; a negative offset keeps the last ones."""
    keys = sorted(bot.pending, key=lambda key: bot.pending[key].update["update_id"])
    gone = keys[:offset] if offset < 0 else [key for key in keys if bot.pending[key].update["update_id"] < offset]
    for key in gone:
        del bot.pending[key]
    return [bot.pending[key].update for key in keys if key in bot.pending]
