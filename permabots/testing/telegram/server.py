"""The stand-in Telegram, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from permabots.testing.telegram.api import AccountApi
from permabots.testing.telegram.calls import BotApi
from permabots.testing.telegram.delivery import TelegramDelivery
from permabots.testing.telegram.local import LocalTelegram
from permabots.testing.telegram.sending import SendingApi
from permabots.testing.telegram.state import TelegramState
from permabots.testing.telegram.store import StateFile
from permabots.testing.webhook_client import Poster


class TelegramServer(LocalTelegram):
    """The stand-in Telegram; `TelegramSteering` documents what a test can do with it.

    Args:
        port: the port to bind; 0 for a free one.
        time_scale: real seconds that one second of Telegram's takes, for retries and expiry of deliveries and for how
            long a button press may be answered. The ``retry_after`` of a 429 is always in real seconds.
        deliver_to: scheme, host and port in place of every webhook's own, as ``http://127.0.0.1:8000``, so that a
            webhook set for ``https://bot.example/...`` reaches a local server; "" for none.
        webhook_timeout: real seconds to wait for a webhook's answer.
        lifetimes: seconds after which an undelivered update is dropped, by kind; over those of Telegram.
        flood_seconds: the ``retry_after`` of chat 429429.
        check_replies: refuse a reply to a message never seen here. A test that posts updates to a webhook by itself
            turns this off.
        state: a file in which bots and chats are kept over restarts; None for none.
        seed: of every draw.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        time_scale: float = 1.0,
        deliver_to: str = "",
        webhook_timeout: float = 60.0,
        lifetimes: Mapping[str, float] | None = None,
        flood_seconds: int = 3,
        check_replies: bool = True,
        state: Path | None = None,
        seed: int = 0,
    ) -> None:
        known = TelegramState(seed)
        delivery = TelegramDelivery(known, Poster(webhook_timeout, deliver_to), time_scale, lifetimes)
        self._accounts = AccountApi(known, delivery.wake, 150.0 * time_scale)
        sending = SendingApi(known, flood_seconds, check_replies)
        super().__init__(port, known, delivery, BotApi(known, self._accounts.methods() | sending.methods()))
        self._wake = delivery.wake
        self._file = StateFile(known, state) if state else None

    def start(self) -> Self:
        if self._file:
            self._file.open()
        self._accounts.closed = False
        super().start()
        with self._state.lock:
            for bot in self._state.bots.values():
                self._wake(bot)
        return self

    def stop(self) -> None:
        self._accounts.closed = True
        with self._state.changed:
            self._state.changed.notify_all()
        super().stop()
        if self._file:
            self._file.close()
