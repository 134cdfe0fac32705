"""The methods of `KikSteering` over what this process knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import time
from typing import Any
from uuid import uuid4

from permabots.testing.control import SteeringError
from permabots.testing.kik.content import responses, shown_text
from permabots.testing.kik.delivery import ON_REQUEST
from permabots.testing.kik.state import KikState
from permabots.testing.kik.steering import KikSteering
from permabots.testing.server_state import Event
from permabots.testing.stand_in_messenger import StandInMessenger
from permabots.testing.webhook_jobs import WebhookJob
from permabots.values import Json

RECEIPT_WANTED = ("text", "link", "picture", "video", "sticker")


class LocalKik(StandInMessenger, KikSteering):
    """Steers a stand-in of this process."""

    _state: KikState
    steering = KikSteering

    # Bots

    def register_bot(
        self, bot: str, api_key: str, *, webhook: str = "", features: dict[str, bool] | None = None
    ) -> dict[str, Json]:
        with self._state.lock:
            account = self._state.bot(bot)
            account.key = api_key
            account.webhook = webhook or account.webhook
            if features is not None:
                account.features = dict(features)
            return account.config()

    def config(self, bot: str) -> dict[str, Json]:
        with self._state.lock:
            return self._state.bot(bot).config()

    # What people do

    def deliver(self, bot: str, body: Json) -> None:
        with self._state.lock:
            account = self._state.bot(bot)
            if not account.is_told:
                raise SteeringError(f"bot {bot} has no webhook")
            text = body if isinstance(body, str) else json.dumps(body)
            queues = frozenset({(account.username, "")})
            self._delivery.put(WebhookJob([account.username], queues, [""], text.encode(), raw=True))

    def happen(
        self, bot: str, chat_id: str, user: str, what: dict[str, Json], *, participants: Sequence[str] = ()
    ) -> dict[str, Json]:
        with self._state.lock:
            account = self._state.bot(bot)
            message = {
                "type": what.get("type"),
                "id": str(uuid4()),
                "chatId": chat_id,
                "from": user,
                "participants": list(participants) or [user],
                "mention": None,
                "timestamp": self._state.moment(),
                "readReceiptRequested": what.get("type") in RECEIPT_WANTED,
                "chatType": "private" if len(participants) > 1 else "direct",
                **what,
            }
            if message["type"] not in ON_REQUEST:
                account.people[user] = chat_id
                chat = self._state.chat(account.username, chat_id)
                chat.last_message = time()
                chat.history.append(message)
            return self._happen(Event(account.username, chat_id, str(message["id"]), message))

    def press_button(self, bot: str, chat_id: str, label: str, *, user: str = "") -> dict[str, Json]:
        with self._state.lock:
            offered = self._offered(self._state.bot(bot).username, chat_id)
            found = next(((m, r) for m, r in offered if label in (r.get("body"), r.get("picUrl"))), None)
            if found is None:
                there = ", ".join(repr(r.get("body") or r.get("picUrl")) for _, r in offered) or "none"
                raise SteeringError(f"chat {chat_id} shows no response {label!r}; its responses: {there}")
            message, response = found
            if response["type"] == "friend-picker":
                raise SteeringError(f"response {label!r} opens a list of friends and tells the bot nothing")
            return self.happen(bot, chat_id, user or message["to"], {"metadata": None, **response})

    def _offered(self, bot: str, chat_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return the responses that a bot has suggested since people last wrote, each with its message."""
        offered: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for message in self._state.chat(bot, chat_id).history:
            if message["from"] != bot:
                offered.clear()
            offered.extend((message, response) for response in responses(message))
        return offered

    # What people see

    def _bot_id(self, bot: str) -> str:
        return self._state.bot(bot).username

    def _shown(self, record: dict[str, Any]) -> str:
        return shown_text(record)
