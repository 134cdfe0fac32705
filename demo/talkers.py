"""Ann on the messengers and in the web chat: writing, pressing buttons, and reading what the bot says."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from demo.shop import KIK_BOT, PAGE_TOKEN, TOKEN
from permabots.testing import KikServer, MessengerServer, StandInServer, TelegramServer
from permabots.testing.updates import person

PATIENCE = 20.0


@dataclass(frozen=True)
class Shown:
    """One message of the bot as people see it.

    Args:
        text: what it says.
        rows: the labels of its buttons, row by row.
    """

    text: str
    rows: tuple[tuple[str, ...], ...] = ()


class Talker(ABC):
    """Ann on one messenger.

    Attributes:
        name: the messenger's, for people.
        slug: the messenger's, for permabots.
        chat: the id by which a hook reaches her there, "" where she does not know it.
        user: her own id there, "" where the chat is enough.
    """

    name: str
    slug: str
    chat: str = ""
    user: str = ""

    @abstractmethod
    def begins(self) -> None:
        """Open the chat with the bot."""

    @abstractmethod
    def says(self, text: str) -> None:
        """Write a message."""

    @abstractmethod
    def presses(self, label: str) -> None:
        """Press a button."""

    @abstractmethod
    def heard(self, count: int) -> list[Shown]:
        """Return what the bot said so far, at least so many messages.

        Raises:
            TimeoutError: they do not come.
        """


class AtStandIn(Talker):
    """Ann on a messenger whose stand-in she can be steered at."""

    @abstractmethod
    def _writing(self, text: str) -> tuple[StandInServer, dict[str, Any]]:
        """Return the stand-in, and the arguments of its ``send_text``, by which she writes from another process."""

    def command(self, text: str) -> str:
        """Return the shell's command by which she writes a message."""
        server, arguments = self._writing(text)
        return f"curl -d '{json.dumps(arguments)}' {server.url}/_control/send_text"


class OnTelegram(AtStandIn):
    """Ann on Telegram."""

    name, slug, chat = "Telegram", "telegram", "51234567"

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self._ann = person(int(self.chat), "Ann", username="ann")

    def begins(self) -> None:
        self.says("/start")

    def says(self, text: str) -> None:
        self._server.send_text(TOKEN, int(self.chat), text, user=self._ann)

    def _writing(self, text: str) -> tuple[StandInServer, dict[str, Any]]:
        return self._server, {"token": TOKEN, "chat_id": int(self.chat), "text": text}

    def presses(self, label: str) -> None:
        self._server.press_button(TOKEN, int(self.chat), label, user=self._ann)

    def heard(self, count: int) -> list[Shown]:
        messages = self._server.wait_for_messages(int(self.chat), count, PATIENCE)
        return [Shown(message["text"], _labels(message)) for message in messages]


class OnKik(AtStandIn):
    """Ann on Kik."""

    name, slug, chat, user = "Kik", "kik", "c0ffee", "ann"

    def __init__(self, server: KikServer) -> None:
        self._server = server

    def begins(self) -> None:
        self._server.start_chatting(KIK_BOT, self.chat, self.user)

    def says(self, text: str) -> None:
        self._server.send_text(KIK_BOT, self.chat, self.user, text)

    def _writing(self, text: str) -> tuple[StandInServer, dict[str, Any]]:
        return self._server, {"bot": KIK_BOT, "chat_id": self.chat, "user": self.user, "text": text}

    def presses(self, label: str) -> None:
        self._server.press_button(KIK_BOT, self.chat, label, user=self.user)

    def heard(self, count: int) -> list[Shown]:
        return [_on_kik(message) for message in self._server.wait_for_messages(self.chat, count, PATIENCE)]


class OnMessenger(AtStandIn):
    """Ann on Messenger."""

    name, slug, chat = "Messenger", "messenger", "9912345"

    def __init__(self, server: MessengerServer) -> None:
        self._server = server

    def begins(self) -> None:
        self._server.get_started(PAGE_TOKEN, self.chat)

    def says(self, text: str) -> None:
        self._server.send_text(PAGE_TOKEN, self.chat, text)

    def _writing(self, text: str) -> tuple[StandInServer, dict[str, Any]]:
        return self._server, {"token": PAGE_TOKEN, "psid": self.chat, "text": text}

    def presses(self, label: str) -> None:
        self._server.press_button(PAGE_TOKEN, self.chat, label)

    def heard(self, count: int) -> list[Shown]:
        return [_on_messenger(message) for message in self._server.wait_for_messages(self.chat, count, PATIENCE)]


class OnWeb(Talker):
    """Ann on the page of the web chat: she sends and polls as its script does.

    Args:
        address: of the page.
    """

    name, slug = "Web chat", "web"

    def __init__(self, address: str) -> None:
        self._address = f"{address}messages/"
        self._http = requests.Session()
        self._messages: list[dict[str, Any]] = []

    def begins(self) -> None:
        self.says("/start")

    def says(self, text: str) -> None:
        self._send({"text": text})

    def presses(self, label: str) -> None:
        for message in reversed(self._messages):
            for number, row in enumerate(message.get("keyboard", ())):
                for place, button in enumerate(row):
                    if button["label"] == label:
                        self._send({"press": [message["number"], number, place]})
                        return
        raise LookupError(f"there is no button {label!r}")

    def heard(self, count: int) -> list[Shown]:
        end = time.monotonic() + PATIENCE
        while len(said := [it for it in self._messages if it["author"] == "bot"]) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(said)} of {count} messages came")
            last = self._messages[-1]["number"] if self._messages else 0
            answer = self._http.get(f"{self._address}?after={last}&waiting=1", timeout=PATIENCE)
            answer.raise_for_status()
            self._messages += answer.json()["messages"] if answer.status_code == 200 else []
            time.sleep(0.02)
        return [Shown("".join(run["text"] for run in it["runs"]), _rows(it)) for it in said]

    def _send(self, body: dict[str, Any]) -> None:
        answer = self._http.post(self._address, json={"id": str(uuid4()), **body}, timeout=PATIENCE)
        answer.raise_for_status()
        if token := answer.json().get("token"):
            self._http.headers["Authorization"] = f"Bearer {token}"


def _rows(message: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(button["label"] for button in row) for row in message["keyboard"])


def _labels(message: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return tuple(tuple(button["text"] for button in row) for row in rows)


def _on_kik(message: dict[str, Any]) -> Shown:
    keyboards = message.get("keyboards", ())
    rows = tuple(tuple(response["body"] for response in keyboard["responses"]) for keyboard in keyboards)
    return Shown(message["body"], rows)


def _on_messenger(event: dict[str, Any]) -> Shown:
    message = event["message"]
    template = message.get("attachment", {}).get("payload", {})
    cards = template.get("elements") or [template] * bool(template)
    rows = tuple(tuple(button["title"] for button in card["buttons"]) for card in cards)
    text = message.get("text") or template.get("text") or template["elements"][0]["title"]
    return Shown(text, rows)
