"""Keeping what the stand-in Telegram knows in a file, so that it survives a restart: bots, webhooks, chats.

The journal and the faults are not kept.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from permabots.testing.control import plain
from permabots.testing.telegram.state import Bot, TelegramChat, TelegramState, Webhook
from permabots.values import Json


def dumped(state: TelegramState) -> Json:
    """Return everything known, as JSON."""
    with state.lock:
        bots = [
            {
                "number": bot.number,
                "username": bot.username,
                "first_name": bot.first_name,
                "webhook": plain(bot.webhook),
                "pending": [waiting.update for waiting in bot.pending.values()],
                "next_update_id": bot.next_update_id,
            }
            for bot in state.bots.values()
        ]
        chats = [
            {"bot": number, "about": chat.about, "history": list(chat.history), "next_message_id": chat.next_message_id}
            | {"markup": chat.markup, "markup_message": chat.markup_message}
            for seen in state.chats.values()
            for number, chat in seen.items()
        ]
        migrated: list[Json] = [[old, new] for old, new in state.migrated.items()]
        return {"bots": bots, "chats": chats, "migrated": migrated, "revoked": sorted(state.revoked)}


def load(state: TelegramState, kept: dict[str, Any]) -> None:
    """Put back what `dumped` returned; waiting updates count as new."""
    with state.lock:
        for entry in kept["bots"]:
            updates, webhook = entry.pop("pending"), Webhook(**entry.pop("webhook"))
            bot = state.bots[entry["number"]] = Bot(**entry, webhook=webhook)
            for update in updates:
                bot.wait(update)
        for entry in kept["chats"]:
            number, chat = entry.pop("bot"), TelegramChat(**entry)
            chat.sent = [message for message in chat.history if message.get("from", {}).get("is_bot")]
            state.chats.setdefault(chat.about["id"], {})[number] = chat
        state.migrated.update((old, new) for old, new in kept["migrated"])
        state.revoked.update(kept["revoked"])


class StateFile:
    """Reads the file at the start, writes it at the end and, where something changed, every second in between.

    Args:
        state: what is known.
        path: the file; it need not exist.
    """

    def __init__(self, state: TelegramState, path: Path) -> None:
        self._state = state
        self._path = path
        self._written = ""
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Read the file and begin to keep it."""
        if self._path.exists():
            load(self._state, json.loads(self._path.read_text()))
        self._ending.clear()
        self._thread = threading.Thread(target=self._keep, name="stand-in state", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write the file for the last time."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._write()

    def _keep(self) -> None:
        while not self._ending.wait(1.0):
            self._write()

    def _write(self) -> None:
        text = json.dumps(dumped(self._state))
        if text == self._written:
            return
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.write_text(text)
        draft.replace(self._path)
        self._written = text
