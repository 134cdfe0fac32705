"""How an event becomes an update that waits for a bot."""

from __future__ import annotations

from time import monotonic
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.telegram.state import Bot, TelegramState, Waiting, update_kind
from permabots.values import Json

MESSAGE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
ONLY_ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")
"""Kinds that a bot gets only where its ``allowed_updates`` names them (Bot API, setWebhook)."""


def take_in(state: TelegramState, bot: Bot, update: dict[str, Json]) -> tuple[dict[str, Json], int | None]:
    """Number an update, note what it says, and let it wait for the bot where the bot wants its kind.

    Args:
        state: its lock is held.
        bot: whom it is for.
        update: ids that are None or missing are given: ``update_id``, ``message_id``, the callback query's ``id``.

    Returns:
        The update as the bot will get it, and its key in ``bot.pending``; None where the bot does not want it.
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
    numbered = {**update, "update_id": update_id, kind: event}
    if not _wanted(bot, kind):
        return numbered, None
    bot.taken += 1
    bot.pending[bot.taken] = Waiting(numbered)
    state.changed.notify_all()
    return numbered, bot.taken


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


def _wanted(bot: Bot, kind: str) -> bool:
    if bot.webhook.allowed:
        return kind in bot.webhook.allowed
    return kind not in ONLY_ON_REQUEST
