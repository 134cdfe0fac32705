"""What a test does to the stand-in Telegram, whether it runs in this process or in another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.faults import Fault
from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.updates import callback_update, text_update
from permabots.values import Json


class TelegramSteering(ABC):
    """The side of Telegram that people and tests see.

    `TelegramServer` has these methods, and so has `TelegramControl`, which calls them over HTTP. A ``token`` argument
    names a bot; a bot nobody registered exists from its first mention on. Methods raise `SteeringError` where what they
    are asked makes no sense, and `TimeoutError` where what they wait for does not happen.
    """

    # Bots

    @abstractmethod
    def register_bot(self, token: str, *, username: str = "", first_name: str = "") -> dict[str, Json]:
        """Make a bot's account, or rename it; what is "" stays. Returns its Telegram User."""

    @abstractmethod
    def revoke(self, token: str) -> None:
        """Refuse this token from now on, with 401."""

    @abstractmethod
    def restore(self, token: str) -> None:
        """Take a revoked token again."""

    @abstractmethod
    def webhook(self, token: str) -> dict[str, Json]:
        """Return ``url``, ``secret``, ``max_connections``, ``allowed``, ``last_error``, ``last_error_date`` and
        ``pending``, the number of updates that wait."""

    def rename(self, token: str, username: str) -> None:
        """Give a bot another username."""
        self.register_bot(token, username=username)

    # Faults

    @abstractmethod
    def add_fault(self, fault: Fault) -> None:
        """Order a fault; of several that fit a call the first added counts."""

    @abstractmethod
    def clear_faults(self) -> None:
        """Let nothing go wrong any more; enforced waits end too."""

    # What people do

    @abstractmethod
    def deliver(self, token: str, update: dict[str, Json]) -> dict[str, Json]:
        """Let something happen: the update waits for the bot's webhook or its getUpdates.

        Args:
            token: whom it is for.
            update: as `permabots.testing.updates` builds it; ids that are None are given.

        Returns:
            The update as the bot will get it. It is returned before it is delivered.
        """

    def send_text(self, token: str, chat_id: int, text: str, **fields: Any) -> dict[str, Json]:
        """Write a message to the bot; ``fields`` are those of `updates.message`, as ``user``. Returns the update."""
        return self.deliver(token, text_update(None, chat_id, text, **fields))

    def press(
        self,
        token: str,
        chat_id: int,
        data: str,
        *,
        message_id: int | None = None,
        user: int | dict[str, Json] | None = None,
    ) -> dict[str, Json]:
        """Press an inline button.

        Args:
            token: the bot.
            chat_id: the chat.
            data: the button's ``callback_data``.
            message_id: the message it is under; None for the one with the chat's last keyboard.
            user: who presses; None for the person of a private chat, in a group for person 1.

        Returns:
            The update.
        """
        if message_id is None:
            message_id = self.keyboard(token, chat_id)["message_id"]
            if message_id is None:
                raise SteeringError(f"chat {chat_id} shows no keyboard")
        under = next((m for m in self.history(chat_id, token=token) if m["message_id"] == message_id), None)
        update = callback_update(None, chat_id, data, message_id=message_id, under=under, user=user)
        return self.deliver(token, update)

    def press_button(
        self, token: str, chat_id: int, label: str, *, user: int | dict[str, Json] | None = None
    ) -> dict[str, Json]:
        """Press the button with this label in the chat's last keyboard; returns the update.

        An inline button gives a callback query, a button of a reply keyboard a message with its label.
        """
        shown = self.keyboard(token, chat_id)
        buttons = _buttons(shown["markup"])
        button = next((b for b in buttons if b["text"] == label), None)
        if button is None:
            there = ", ".join(repr(b["text"]) for b in buttons) or "none"
            raise SteeringError(f"chat {chat_id} shows no button {label!r}; its buttons: {there}")
        if "inline_keyboard" not in shown["markup"]:
            return self.send_text(token, chat_id, label, user=user)
        if "callback_data" not in button:
            raise SteeringError(f"button {label!r} opens {button.get('url', 'something')} and tells the bot nothing")
        return self.press(token, chat_id, button["callback_data"], message_id=shown["message_id"], user=user)

    # What people see

    @abstractmethod
    def messages(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        """Return the Messages that bots have sent to a chat, or only one bot's, in order."""

    @abstractmethod
    def history(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        """Return the Messages of a chat from both sides, as every bot, or only one, sees it."""

    @abstractmethod
    def keyboard(self, token: str, chat_id: int) -> dict[str, Json]:
        """Return the keyboard a chat shows now: ``markup`` ({} for none) and the ``message_id`` it came with."""

    def texts(self, chat_id: int, *, token: str = "") -> list[str]:
        """Return the texts that bots have sent to a chat, without markup, in order."""
        return [str(message["text"]) for message in self.messages(chat_id, token=token)]

    # Waiting

    @abstractmethod
    def wait_for_messages(
        self, chat_id: int, count: int, timeout: float = 10.0, *, token: str = ""
    ) -> list[dict[str, Json]]:
        """Wait until bots have sent at least so many messages to a chat, counted from its beginning; return them.

        Raises:
            TimeoutError: there are fewer after ``timeout`` seconds.
        """

    @abstractmethod
    def wait_for_sent(self, count: int, timeout: float = 10.0) -> None:
        """Wait until `sent` has at least so many entries.

        Raises:
            TimeoutError: there are fewer after ``timeout`` seconds.
        """

    @abstractmethod
    def wait_for_deliveries(self, count: int, timeout: float = 10.0) -> None:
        """Wait until `deliveries` has at least so many entries.

        Raises:
            TimeoutError: there are fewer after ``timeout`` seconds.
        """

    @abstractmethod
    def wait_idle(self, timeout: float = 10.0) -> None:
        """Wait until no update waits for any bot: each was acknowledged, fetched or dropped.

        A bot may still be thinking about what it acknowledged.

        Raises:
            TimeoutError: some wait after ``timeout`` seconds.
        """

    # The journal

    @abstractmethod
    def sent(self, start: int = 0) -> list[Sent]:
        """Return accepted messages, oldest first, without the first ``start``."""

    @abstractmethod
    def calls(self, start: int = 0) -> list[Call]:
        """Return calls to the Bot API, oldest first, without the first ``start``."""

    @abstractmethod
    def deliveries(self, start: int = 0) -> list[Delivery]:
        """Return attempts to deliver an update to a webhook, oldest first, without the first ``start``."""

    @abstractmethod
    def violations(self) -> list[Violation]:
        """Return calls that came before an enforced ``retry_after`` was over."""

    @abstractmethod
    def clear_journal(self) -> None:
        """Forget `sent`, `calls`, `deliveries` and `violations`; chats and their messages stay."""


def _buttons(markup: dict[str, Json]) -> list[dict[str, Any]]:
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [button if isinstance(button, dict) else {"text": button} for row in rows for button in row]
