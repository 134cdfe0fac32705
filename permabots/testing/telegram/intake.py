"""Making updates: their numbers, and the chats and messages that the stand-in remembers from them."""

from __future__ import annotations

from time import monotonic
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.telegram.state import Bot, TelegramState, update_kind
from permabots.values import Json

MESSAGE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")


def take_in(state: TelegramState, bot: Bot, update: dict[str, Json]) -> dict[str, Json]:
    """Number an update, and remember its chat and message.

    Args:
        state: its lock is held.
        bot: whom it is for.
        update: ids that are None or missing are given: ``update_id``, ``message_id``, the callback query's ``id``.

    Returns:
        The update as the bot will get it.
    """
    kind = update_kind(update)
    if not isinstance(update.get(kind), dict):
        raise SteeringError("an update is an object with update_id and one object that says what happened")
    event = dict(update[kind])
    if kind in MESSAGE_KINDS:
        _note_message(state, bot, event)
    elif kind == "callback_query":
        _note_press(bot, event)
    update_id = update.get("update_id")
    if update_id is None:
        update_id = bot.next_update_id
    bot.next_update_id = max(bot.next_update_id, update_id + 1)
    return {**update, "update_id": update_id, kind: event}


def _note_message(state: TelegramState, bot: Bot, event: dict[str, Any]) -> None:
    chat = state.chat(bot.number, event["chat"]["id"])
    chat.about = event["chat"]
    chat.note(event)
    if "migrate_to_chat_id" in event:
        state.migrated[event["chat"]["id"]] = event["migrate_to_chat_id"]


def _note_press(bot: Bot, event: dict[str, Any]) -> None:
    if event.get("id") is None:
        event["id"] = f"{bot.number}{bot.next_update_id}"
    bot.callbacks[event["id"]] = monotonic()
