"""The methods of `KikSteering` over what this process knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import time
from typing import Any
from uuid import uuid4

from permabots.testing.control import SteeringError
from permabots.testing.kik.content import responses, shown_text
from permabots.testing.kik.state import KikState
from permabots.testing.kik.steering import KikSteering
from permabots.testing.local import LocalPeople
from permabots.testing.server_state import Event
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import WebhookJob
from permabots.values import Json

ON_REQUEST = {
    "read-receipt": "receiveReadReceipts",
    "delivery-receipt": "receiveDeliveryReceipts",
    "is-typing": "receiveIsTyping",
}
"""Types that a bot is told only where its configuration has the feature."""
RECEIPT_WANTED = ("text", "link", "picture", "video", "sticker")


class LocalKik(LocalPeople, KikSteering):
    """Steers a stand-in of this process.

    Args:
        state: the bots it knows.
        delivery: who delivers.
    """

    _state: KikState

    def __init__(self, state: KikState, delivery: WebhookDelivery) -> None:
        super().__init__(state, delivery)

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

    def history(self, chat_id: str, *, bot: str = "") -> list[dict[str, Json]]:
        return super().history(chat_id, bot=self._username(bot))

    def messages(self, chat_id: str, *, bot: str = "") -> list[dict[str, Json]]:
        return super().messages(chat_id, bot=self._username(bot))

    def _username(self, bot: str) -> str:
        with self._state.lock:
            return self._state.bot(bot).username if bot else ""

    def _shown(self, record: dict[str, Any]) -> str:
        return shown_text(record)

    # Deliveries

    def _packed(self, events: list[Event]) -> list[WebhookJob]:
        by_bot: dict[str, list[Event]] = {}
        for event in events:
            bot = self._state.bot(event.bot)
            feature = ON_REQUEST.get(event.body["type"])
            if bot.is_told and (feature is None or bot.features.get(feature)):
                by_bot.setdefault(event.bot, []).append(event)
        return [_job(bot, told) for bot, told in by_bot.items()]


def _job(bot: str, events: list[Event]) -> WebhookJob:
    raw = json.dumps({"messages": [event.body for event in events]}).encode()
    return WebhookJob([bot], frozenset((bot, event.chat_id) for event in events), [event.id for event in events], raw)
