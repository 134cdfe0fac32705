"""Steering a stand-in Bot API that runs in another process."""

from __future__ import annotations

from typing import Any

from permabots.testing.control import ControlClient, Operations, plain
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.telegram.steering import TelegramSteering
from permabots.values import Json


def operations(telegram: TelegramSteering) -> Operations:
    """Return what ``/_control/`` offers for a stand-in Bot API: its methods, a fault given by its fields."""
    direct = TelegramSteering.__abstractmethods__ | {"rename", "send_text", "press", "press_button", "texts"}
    return {name: getattr(telegram, name) for name in direct} | {
        "add_fault": lambda kind, **fields: telegram.add_fault(Fault(FaultKind(kind), **fields))
    }


class TelegramControl(TelegramSteering):
    """The methods of a `TelegramServer` in another process.

    Args:
        url: its `url`; the Bot API is there too.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = ControlClient(url)

    def _list(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        return list(self._client.ask(operation, **arguments))

    def register_bot(self, token: str, *, username: str = "", first_name: str = "") -> dict[str, Json]:
        return dict(self._client.ask("register_bot", token=token, username=username, first_name=first_name))

    def revoke(self, token: str) -> None:
        self._client.ask("revoke", token=token)

    def restore(self, token: str) -> None:
        self._client.ask("restore", token=token)

    def webhook(self, token: str) -> dict[str, Json]:
        return dict(self._client.ask("webhook", token=token))

    def add_fault(self, fault: Fault) -> None:
        self._client.ask("add_fault", **plain(fault))

    def clear_faults(self) -> None:
        self._client.ask("clear_faults")

    def deliver(self, token: str, update: dict[str, Json]) -> dict[str, Json]:
        return dict(self._client.ask("deliver", token=token, update=update))

    def messages(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        return self._list("messages", chat_id=chat_id, token=token)

    def history(self, chat_id: int, *, token: str = "") -> list[dict[str, Json]]:
        return self._list("history", chat_id=chat_id, token=token)

    def keyboard(self, token: str, chat_id: int) -> dict[str, Json]:
        return dict(self._client.ask("keyboard", token=token, chat_id=chat_id))

    def wait_for_messages(
        self, chat_id: int, count: int, timeout: float = 10.0, *, token: str = ""
    ) -> list[dict[str, Json]]:
        return self._list("wait_for_messages", wait=timeout, chat_id=chat_id, count=count, timeout=timeout, token=token)

    def wait_for_sent(self, count: int, timeout: float = 10.0) -> None:
        self._client.ask("wait_for_sent", wait=timeout, count=count, timeout=timeout)

    def wait_for_deliveries(self, count: int, timeout: float = 10.0) -> None:
        self._client.ask("wait_for_deliveries", wait=timeout, count=count, timeout=timeout)

    def wait_idle(self, timeout: float = 10.0) -> None:
        self._client.ask("wait_idle", wait=timeout, timeout=timeout)

    def sent(self, start: int = 0) -> list[Sent]:
        return [Sent(**entry) for entry in self._list("sent", start=start)]

    def calls(self, start: int = 0) -> list[Call]:
        return [Call(**entry) for entry in self._list("calls", start=start)]

    def deliveries(self, start: int = 0) -> list[Delivery]:
        return [Delivery(**entry) for entry in self._list("deliveries", start=start)]

    def violations(self) -> list[Violation]:
        return [Violation(**entry) for entry in self._list("violations")]

    def clear_journal(self) -> None:
        self._client.ask("clear_journal")
