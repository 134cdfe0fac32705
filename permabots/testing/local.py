"""The methods of `PeopleSteering` over what this process knows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from permabots.testing.control import SteeringError
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.server_state import Event, ServerState
from permabots.testing.steering_api import Order, PeopleSteering
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.testing.webhook_jobs import WebhookJob
from permabots.values import Json


class LocalPeople(PeopleSteering):
    """Steers a stand-in of this process.

    Args:
        state: what it knows.
        delivery: who delivers.
    """

    def __init__(self, state: ServerState[Any], delivery: WebhookDelivery) -> None:
        self._state = state
        self._delivery = delivery
        self._held: list[Event] | None = None

    # Subclasses must implement

    @abstractmethod
    def _packed(self, events: list[Event]) -> list[WebhookJob]:
        """Put events into as few POSTs as the messenger allows; of a bot without a webhook they are left out."""

    @abstractmethod
    def _shown(self, record: dict[str, Any]) -> str:
        """Return what people read of a message that a bot sent."""

    # Credentials and faults

    def revoke(self, credential: str) -> None:
        with self._state.lock:
            self._state.revoked.add(credential)

    def restore(self, credential: str) -> None:
        with self._state.lock:
            self._state.revoked.discard(credential)

    def add_fault(self, fault: Fault) -> None:
        if fault.kind is FaultKind.MIGRATED:
            raise SteeringError("no chat moves here")
        self._state.faults.add(fault)

    def clear_faults(self) -> None:
        self._state.faults.clear()

    # Deliveries

    def _happen(self, event: Event) -> dict[str, Json]:
        """Deliver an event, or keep it back; returns its body."""
        with self._state.lock:
            if self._held is not None:
                self._held.append(event)
            else:
                self._put(self._packed([event]))
        return event.body

    def _put(self, jobs: list[WebhookJob]) -> int:
        for job in jobs:
            self._delivery.put(job)
        return len(jobs)

    def hold(self) -> None:
        with self._state.lock:
            self._held = self._held or []

    def release(self, *, together: bool = True, order: Order = "sent", copies: int = 1) -> int:
        with self._state.lock:
            events, self._held = self._held or [], None
            if order == "reversed":
                events.reverse()
            elif order == "shuffled":
                self._state.random.shuffle(events)
            groups = [events] if together else [[event] for event in events]
            return sum(self._put(self._packed(group)) for group in groups for _ in range(copies))

    # Waiting

    @contextmanager
    def _waited(self, reached: Callable[[], bool], timeout: float) -> Iterator[None]:
        """Wait, then run the block with the lock held; it raises where that was in vain."""
        end = monotonic() + timeout
        with self._state.changed:
            while not reached() and (left := end - monotonic()) > 0:
                self._state.changed.wait(left)
            yield

    def wait_for_sent(self, count: int, timeout: float = 10.0) -> None:
        sent = self._state.journal.sent
        with self._waited(lambda: len(sent) >= count, timeout):
            if len(sent) < count:
                raise TimeoutError(f"{len(sent)} of {count} messages sent after {timeout} s")

    def wait_for_deliveries(self, count: int, timeout: float = 10.0) -> None:
        made = self._state.journal.deliveries
        with self._waited(lambda: len(made) >= count, timeout):
            if len(made) < count:
                raise TimeoutError(f"{len(made)} of {count} deliveries after {timeout} s")

    def wait_idle(self, timeout: float = 10.0) -> None:
        with self._waited(lambda: not self._delivery.unsettled, timeout):
            if self._delivery.unsettled:
                raise TimeoutError(f"{self._delivery.unsettled} POSTs not delivered after {timeout} s")

    def wait_for_messages(
        self, chat_id: str, count: int, timeout: float = 10.0, *, bot: str = ""
    ) -> list[dict[str, Json]]:
        with self._waited(lambda: len(self.messages(chat_id, bot=bot)) >= count, timeout):
            there = self.messages(chat_id, bot=bot)
            if len(there) < count:
                raise TimeoutError(f"{len(there)} of {count} messages in chat {chat_id} after {timeout} s")
            return there

    # What people see

    def history(self, chat_id: str, *, bot: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [record for chat in self._state.of_chat(chat_id, bot) for record in chat.history]

    def messages(self, chat_id: str, *, bot: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [record for chat in self._state.of_chat(chat_id, bot) for record in chat.sent]

    def texts(self, chat_id: str, *, bot: str = "") -> list[str]:
        return [self._shown(record) for record in self.messages(chat_id, bot=bot)]

    # The journal

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
