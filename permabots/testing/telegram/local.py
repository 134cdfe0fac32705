"""The methods of `TelegramSteering` over what this process knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from time import monotonic

from permabots.testing.control import SteeringError
from permabots.testing.faults import Fault
from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.telegram.intake import take_in
from permabots.testing.telegram.state import Bot, TelegramChat, TelegramState
from permabots.testing.telegram.steering import TelegramSteering
from permabots.values import Json


class LocalTelegram(TelegramSteering):
    """Steers a stand-in of this process.

    Args:
        state: what it knows.
        put: hands a waiting update, by its key in ``bot.pending``, to whoever delivers; the state's lock is held.
    """

    def __init__(self, state: TelegramState, put: Callable[[Bot, int], None]) -> None:
        self._state = state
        self._put = put

    def _bot(self, token: str) -> Bot:
        number = token.partition(":")[0]
        if not number.isdecimal():
            raise SteeringError("a token begins with the bot's number and a colon")
        return self._state.account(int(number))

    def _chats(self, chat_id: int, token: str) -> list[TelegramChat]:
        return self._state.of_chat(chat_id, self._bot(token).number if token else "")

    def register_bot(self, token: str, *, username: str = "", first_name: str = "") -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            bot.username = username or bot.username
            bot.first_name = first_name or bot.first_name
            return bot.account()

    def revoke(self, token: str) -> None:
        with self._state.lock:
            self._state.revoked.add(token)

    def restore(self, token: str) -> None:
        with self._state.lock:
            self._state.revoked.discard(token)

    def webhook(self, token: str) -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            return {**asdict(bot.webhook), "pending": len(bot.pending)}

    def add_fault(self, fault: Fault) -> None:
        self._state.faults.add(fault)

    def clear_faults(self) -> None:
        self._state.faults.clear()

    def deliver(self, token: str, update: dict[str, Json]) -> dict[str, Json]:
        with self._state.lock:
            bot = self._bot(token)
            numbered, key = take_in(self._state, bot, update)
            if key is not None:
                self._put(bot, key)
            return numbered

    def messages(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [message for chat in self._chats(chat_id, token) for message in chat.sent]

    def history(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [message for chat in self._chats(chat_id, token) for message in chat.history]

    def keyboard(self, token: str, chat_id: int) -> dict[str, Json]:
        with self._state.lock:
            chats = self._chats(chat_id, token)
            if not chats:
                raise SteeringError(f"the bot has no chat {chat_id}")
            return {"markup": chats[0].markup, "message_id": chats[0].markup_message or None}

    def wait_for_messages(
        self, chat_id: int, count: int, timeout: float = 10.0, *, token: str = ""
    ) -> list[dict[str, Json]]:
        self._wait(lambda: len(self.messages(chat_id, token=token)) >= count, timeout)
        there = self.messages(chat_id, token=token)
        if len(there) < count:
            raise TimeoutError(f"{len(there)} of {count} messages in chat {chat_id} after {timeout} s")
        return there

    def wait_for_sent(self, count: int, timeout: float = 10.0) -> None:
        if not self._wait(lambda: len(self._state.journal.sent) >= count, timeout):
            raise TimeoutError(f"{len(self._state.journal.sent)} of {count} messages sent after {timeout} s")

    def wait_for_deliveries(self, count: int, timeout: float = 10.0) -> None:
        if not self._wait(lambda: len(self._state.journal.deliveries) >= count, timeout):
            raise TimeoutError(f"{len(self._state.journal.deliveries)} of {count} deliveries after {timeout} s")

    def wait_idle(self, timeout: float = 10.0) -> None:
        if not self._wait(lambda: not self._waiting(), timeout):
            raise TimeoutError(f"{self._waiting()} updates not delivered after {timeout} s")

    def _waiting(self) -> int:
        with self._state.lock:
            return sum(len(bot.pending) for bot in self._state.bots.values())

    def _wait(self, reached: Callable[[], bool], timeout: float) -> bool:
        end = monotonic() + timeout
        with self._state.changed:
            while not reached():
                left = end - monotonic()
                if left <= 0:
                    return False
                self._state.changed.wait(left)
            return True

    def sent(self, start: int = 0) -> list[Sent]:
        return self._state.journal.sent[start:]

    def calls(self, start: int = 0) -> list[Call]:
        return self._state.journal.calls[start:]

    def deliveries(self, start: int = 0) -> list[Delivery]:
        return self._state.journal.deliveries[start:]

    def violations(self) -> list[Violation]:
        return list(self._state.journal.violations)

    def clear_journal(self) -> None:
        self._state.journal.clear()
