"""sendMessage and sendChatAction of the stand-in Bot API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from permabots.testing.journal import Sent
from permabots.testing.telegram.api import Method, MethodCall
from permabots.testing.telegram.arguments import Arguments
from permabots.testing.telegram.errors import bad_request, blocked, migrated, too_many_requests
from permabots.testing.telegram.markup import read_markup
from permabots.testing.telegram.state import TelegramChat, TelegramState
from permabots.testing.telegram.text import read_text
from permabots.values import Json

BLOCKED_CHAT = 403403
"""This person blocked every bot."""
FLOODED_CHAT = 429429
"""This chat is always over its limit."""


class SendingApi:
    """What a bot says in a chat.

    Args:
        state: what is known.
        flood_seconds: the ``retry_after`` of `FLOODED_CHAT`.
        check_replies: refuse a reply to a message the stand-in has never seen, as Telegram does. A test that hands
            updates to a webhook by itself turns this off.
    """

    def __init__(self, state: TelegramState, flood_seconds: int, check_replies: bool) -> None:
        self._state = state
        self._flood_seconds = flood_seconds
        self._check_replies = check_replies

    def methods(self) -> dict[str, Method]:
        """Return the methods by their names in lower case."""
        return {"sendmessage": self.send_message, "sendchataction": self.send_chat_action}

    def send_chat_action(self, calling: MethodCall) -> dict[str, Json]:
        """Take a ``typing`` or the like; nothing is kept."""
        self._reachable(calling)
        return {"result": True}

    def send_message(self, calling: MethodCall) -> dict[str, Json]:
        """Put a text message into a chat and return it."""
        text, entities = read_text(calling.arguments)
        markup = read_markup(calling.arguments)
        with self._state.lock:
            chat_id = self._reachable(calling)
            chat = self._state.chat(calling.bot.number, chat_id)
            if chat.about.get("type") == "channel" and markup and "inline_keyboard" not in markup:
                raise bad_request("inline keyboard expected")  # and nothing takes one away: there is none
            quoted = self._quoted(chat, calling.arguments)
            topic = self._topic(chat, calling.arguments)
            message = _message(calling, chat, text, entities, quoted) | topic
            _show_keyboard(chat, message, markup)
            self._state.keep(_sent(calling, chat_id, message, markup), message)
        return {"result": message}

    def _reachable(self, calling: MethodCall) -> int:
        """Return the id of the chat the call is for, where the bot may write to it."""
        given = calling.arguments.string("chat_id").strip()
        if not given:
            raise bad_request("chat_id is empty")
        chat_id = calling.arguments.integer("chat_id")
        if chat_id == 0:
            raise bad_request("chat not found")
        if chat_id in self._state.migrated:
            raise migrated(self._state.migrated[chat_id])
        if chat_id == BLOCKED_CHAT:
            raise blocked()
        if chat_id == FLOODED_CHAT:
            raise too_many_requests(self._flood_seconds)
        return chat_id

    def _topic(self, chat: TelegramChat, arguments: Arguments) -> dict[str, Json]:
        """Return what a message says of its topic, {} for none.

        Topics are those of messages seen; any other is refused, as one that was deleted is (tdlib/telegram-bot-api,
        issues 472 and 854). The *General* one has no number that could be named (there, issues 447 and
        798), nor has a thread of replies outside of topics.
        """
        number = arguments.integer("message_thread_id")
        if not number:
            return {}
        topics = {it.get("message_thread_id") for it in chat.history if it.get("is_topic_message")}
        if number not in topics:
            raise bad_request("message thread not found")
        return {"message_thread_id": number, "is_topic_message": True}

    def _quoted(self, chat: TelegramChat, arguments: Arguments) -> dict[str, Json] | None:
        """Return the message that is replied to, None for none."""
        reply = arguments.structure("reply_parameters", "can't parse reply parameters JSON object")
        if not isinstance(reply, Mapping):
            optional = arguments.boolean("allow_sending_without_reply")
            reply = {"message_id": arguments.integer("reply_to_message_id"), "allow_sending_without_reply": optional}
        number = Arguments(reply).integer("message_id")
        quoted = chat.message(number) if number else None
        if quoted is None and number and not Arguments(reply).boolean("allow_sending_without_reply"):
            if self._check_replies:
                raise bad_request("message to be replied not found")
            return {"message_id": number, "date": 0, "chat": chat.about}
        return quoted


def _message(
    calling: MethodCall, chat: TelegramChat, text: str, entities: list[dict[str, Json]], quoted: dict[str, Json] | None
) -> dict[str, Any]:
    message: dict[str, Any] = {
        "message_id": chat.next_message_id,
        "from": calling.bot.account(),
        "chat": chat.about,
        "date": int(calling.request.time),
        "text": text,
    }
    if entities:
        message["entities"] = entities
    if quoted is not None:
        message["reply_to_message"] = {k: v for k, v in quoted.items() if k != "reply_to_message"}
    chat.next_message_id += 1
    return message


def _show_keyboard(chat: TelegramChat, message: dict[str, Any], markup: dict[str, Json]) -> None:
    """Give the message its inline keyboard, and the chat the keyboard that people see now."""
    if "inline_keyboard" in markup:
        message["reply_markup"] = {"inline_keyboard": markup["inline_keyboard"]}
    if "inline_keyboard" in markup or "keyboard" in markup:
        chat.markup, chat.markup_message = markup, message["message_id"]
    elif markup.get("remove_keyboard") and "keyboard" in chat.markup:
        chat.markup, chat.markup_message = {}, 0


def _sent(calling: MethodCall, chat_id: int, message: dict[str, Any], markup: dict[str, Json]) -> Sent:
    return Sent(
        bot=calling.bot.number,
        chat_id=chat_id,
        message_id=message["message_id"],
        text=message["text"],
        message={**calling.arguments, "reply_markup": markup},
        answered=calling.answered,
        monotonic=calling.request.monotonic,
        time=calling.request.time,
    )
