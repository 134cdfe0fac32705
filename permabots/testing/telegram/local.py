"""The methods of `TelegramSteering` over what this process knows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.server_state import Event
from permabots.testing.stand_in_messenger import StandInMessenger
from permabots.testing.telegram.intake import take_in
from permabots.testing.telegram.state import Bot, TelegramState, queue_key
from permabots.testing.telegram.steering import TelegramSteering
from permabots.values import Json


class LocalTelegram(StandInMessenger, TelegramSteering):
    """Steers a stand-in of this process."""

    _state: TelegramState
    chats_move = True
    steering = TelegramSteering

    def _bot(self, token: str) -> Bot:
        number = token.partition(":")[0]
        if not number.isdecimal():
            raise SteeringError("a token begins with the bot's number and a colon")
        return self._state.account(int(number))

    def _bot_id(self, bot: str) -> int:
        return self._bot(bot).number

    def _shown(self, record: dict[str, Any]) -> str:
        return str(record["text"])

    def _undelivered(self) -> int:
        """What waits for getUpdates counts too."""
        return sum(len(bot.pending) for bot in self._state.bots.values())

    def register_bot(self, token: str, *, username: str = "", first_name: str = "") -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            bot.username = username or bot.username
            bot.first_name = first_name or bot.first_name
            return bot.account()

    def webhook(self, token: str) -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            return {**asdict(bot.webhook), "pending": len(bot.pending)}

    def deliver(self, token: str, update: dict[str, Json]) -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            numbered = take_in(self._state, bot, update)
            return self._happen(Event(bot.number, queue_key(numbered)[1], numbered["update_id"], numbered))

    def keyboard(self, token: str, chat_id: int) -> dict[str, Json]:
        with self._state.lock:
            chat = self._state.known_chat(self._bot_id(token), chat_id)
            if chat is None:
                raise SteeringError(f"the bot has no chat {chat_id}")
            return {"markup": chat.markup, "message_id": chat.markup_message or None}
