"""What a test does to the stand-in Kik, whether it runs in this process or in another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from permabots.testing.steering_api import PeopleSteering
from permabots.values import Json


class KikSteering(PeopleSteering):
    """The side of Kik that people and tests see.

    `KikServer` has these methods, and so has what `KikControl` makes, which calls them over HTTP. ``bot`` is a bot's
    username; a bot exists from its first mention on. ``chat_id`` and ``user`` (a person's username) are any text.
    """

    # Bots

    @abstractmethod
    def register_bot(
        self, bot: str, api_key: str, *, webhook: str = "", features: dict[str, bool] | None = None
    ) -> dict[str, Json]:
        """Configure a bot as it would itself by ``POST /v1/config``; returns its configuration.

        Args:
            bot: its username.
            api_key: signs what is posted to the webhook.
            webhook: where events go; "" leaves it where it is.
            features: what else it is told, as ``{"receiveReadReceipts": True}``; None leaves it as it is.
        """

    @abstractmethod
    def config(self, bot: str) -> dict[str, Json]:
        """Return ``webhook`` ("" for none), ``features`` and perhaps ``staticKeyboard``."""

    # What people do

    @abstractmethod
    def deliver(self, bot: str, body: Json) -> None:
        """Post this to the bot's webhook, signed, whatever it is.

        Args:
            bot: its username.
            body: an object, or a text that is posted as it stands.
        """

    @abstractmethod
    def happen(
        self, bot: str, chat_id: str, user: str, what: dict[str, Json], *, participants: Sequence[str] = ()
    ) -> dict[str, Json]:
        """Make an event in a chat, and deliver it to a bot with a webhook.

        Args:
            bot: its username.
            chat_id: the chat.
            user: who does it.
            what: ``type`` and its fields, as ``{"type": "text", "body": "hi"}``; they may name an ``id`` and a
                ``timestamp`` too.
            participants: who is in the chat; none for a chat of the user and the bot.

        Returns:
            The message as the bot gets it. It is returned before it is delivered.
        """

    @abstractmethod
    def press_button(self, bot: str, chat_id: str, label: str, *, user: str = "") -> dict[str, Json]:
        """Choose the suggested response with this text, which a bot offered since people last wrote.

        Args:
            bot: its username.
            chat_id: the chat.
            label: the response's ``body``, for a picture its ``picUrl``.
            user: who chooses; "" for the one whom the message was for.

        Returns:
            The message that the bot gets: of type text or picture, with the response's ``metadata``.
        """

    def send_text(
        self, bot: str, chat_id: str, user: str, text: str, *, participants: Sequence[str] = (), **fields: Any
    ) -> dict[str, Json]:
        """Write a message; ``fields`` are of the message, as ``metadata`` or ``mention``. Returns the message."""
        what = {"type": "text", "body": text, "metadata": None, **fields}
        return self.happen(bot, chat_id, user, what, participants=participants)

    def start_chatting(self, bot: str, chat_id: str, user: str) -> dict[str, Json]:
        """Open the chat with the bot for the first time; returns the message."""
        return self.happen(bot, chat_id, user, {"type": "start-chatting"})

    def scan_data(self, bot: str, chat_id: str, user: str, data: str) -> dict[str, Json]:
        """Scan a code of the bot's; returns the message."""
        return self.happen(bot, chat_id, user, {"type": "scan-data", "data": data})

    def send_picture(self, bot: str, chat_id: str, user: str, url: str) -> dict[str, Json]:
        """Send a picture; returns the message."""
        return self.happen(bot, chat_id, user, {"type": "picture", "picUrl": url, "attribution": _by("Camera")})

    def send_video(self, bot: str, chat_id: str, user: str, url: str) -> dict[str, Json]:
        """Send a video; returns the message."""
        return self.happen(bot, chat_id, user, {"type": "video", "videoUrl": url, "attribution": _by("Gallery")})

    def send_link(self, bot: str, chat_id: str, user: str, url: str) -> dict[str, Json]:
        """Send a link; returns the message."""
        what: dict[str, Json] = {"type": "link", "url": url, "noForward": False, "attribution": _by("Browser")}
        return self.happen(bot, chat_id, user, what)

    def send_sticker(self, bot: str, chat_id: str, user: str, url: str, pack: str = "pack1") -> dict[str, Json]:
        """Send a sticker; returns the message."""
        return self.happen(bot, chat_id, user, {"type": "sticker", "stickerPackId": pack, "stickerUrl": url})

    def read(self, bot: str, chat_id: str, user: str) -> dict[str, Json]:
        """Have a person read all; a bot with ``receiveReadReceipts`` gets a receipt. Returns the message."""
        return self.happen(bot, chat_id, user, {"type": "read-receipt", "messageIds": self._ids(bot, chat_id)})

    def receive(self, bot: str, chat_id: str, user: str) -> dict[str, Json]:
        """Deliver the bot's messages to a person; a bot with ``receiveDeliveryReceipts`` gets a receipt."""
        return self.happen(bot, chat_id, user, {"type": "delivery-receipt", "messageIds": self._ids(bot, chat_id)})

    def _ids(self, bot: str, chat_id: str) -> list[Json]:
        return [message["id"] for message in self.messages(chat_id, bot=bot)]


def _by(name: str) -> dict[str, Json]:
    return {"name": name, "iconUrl": f"https://pictures.example/{name.lower()}.png"}
