"""What a test does to the stand-in Telegram, whether it runs in this process or in another."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.steering_api import PeopleSteering
from permabots.testing.updates import callback_update, text_update
from permabots.values import Json


class TelegramSteering(PeopleSteering):
    """The side of Telegram that people and tests see.

    `TelegramServer` has these methods, and so has what `TelegramControl` makes, which calls them over HTTP. A ``token``
    or ``bot`` argument is a token, and names its bot; a bot nobody registered exists from its first mention on.
    """

    # Bots

    @abstractmethod
    def register_bot(self, token: str, *, username: str = "", first_name: str = "") -> dict[str, Json]:
        """Make a bot's account, or rename it; an empty argument changes nothing. Returns its Telegram User."""

    @abstractmethod
    def webhook(self, token: str) -> dict[str, Json]:
        """Return ``url``, ``secret``, ``max_connections``, ``allowed``, ``last_error``, ``last_error_date`` and
        ``pending``, the number of updates that wait."""

    def rename(self, token: str, username: str) -> None:
        """Give a bot another username."""
        self.register_bot(token, username=username)

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
        under = next((m for m in self.history(chat_id, bot=token) if m["message_id"] == message_id), None)
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
    def keyboard(self, token: str, chat_id: int) -> dict[str, Json]:
        """Return the keyboard a chat shows now: ``markup`` ({} for none) and the ``message_id`` it came with."""


def _buttons(markup: dict[str, Json]) -> list[dict[str, Any]]:
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [button if isinstance(button, dict) else {"text": button} for row in rows for button in row]
