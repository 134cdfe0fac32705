"""What every stand-in messenger is, besides its protocol: a server, and the methods of `PeopleSteering`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Self

from permabots.testing.calls import CallHandler
from permabots.testing.control import Operations, SteeringError
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Reply, Request
from permabots.testing.journal import Call, Delivery, Id, Sent, Violation
from permabots.testing.remote import operations
from permabots.testing.server import StandInServer
from permabots.testing.server_state import Chat, Event, ServerState
from permabots.testing.steering_api import Order, PeopleSteering
from permabots.testing.webhook_delivery import WebhookDelivery
from permabots.values import Json


class StandInMessenger(StandInServer, PeopleSteering):
    """A server that takes a messenger's place: what people and tests do to it, over what this process knows.

    Args:
        port: the port to bind; 0 for a free one.
        state: what it knows.
        delivery: what hands events to webhooks.
        api: what answers the calls of bots.
    """

    chats_move = False
    """Whether a chat can go on under another id, as `FaultKind.MIGRATED` has it."""
    steering: type[PeopleSteering]
    """The operations of the control API: those of a client, and compound ones for ``curl``."""

    def __init__(self, port: int, state: ServerState[Any], delivery: WebhookDelivery[Any], api: CallHandler) -> None:
        super().__init__(port)
        self._state = state
        self._delivery = delivery
        self._api = api
        self._held: list[Event] | None = None

    # Subclasses must implement

    @abstractmethod
    def _bot_id(self, bot: str) -> Id:
        """Return the id of the bot that a test names."""

    @abstractmethod
    def _shown(self, record: dict[str, Any]) -> str:
        """Return what people read of a message that a bot sent."""

    # Subclasses may override

    def _undelivered(self) -> int:
        """Return how many deliveries wait or are under way."""
        return self._delivery.unsettled

    # The server

    def start(self) -> Self:
        super().start()
        self._delivery.open()
        return self

    def stop(self) -> None:
        self._delivery.close()
        super().stop()

    def respond(self, request: Request) -> Reply:
        return self._api.handle(request)

    def operations(self) -> Operations:
        return operations(self, _operations_of(self.steering))

    # Credentials and faults

    def revoke(self, credential: str) -> None:
        with self._state.lock:
            self._state.revoked.add(credential)

    def restore(self, credential: str) -> None:
        with self._state.lock:
            self._state.revoked.discard(credential)

    def add_fault(self, fault: Fault) -> None:
        if fault.kind is FaultKind.MIGRATED and not self.chats_move:
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
                self._delivery.deliver([event])
        return event.body

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
            return sum(self._delivery.deliver(group) for group in groups for _ in range(copies))

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
        with self._waited(lambda: not self._undelivered(), timeout):
            if left := self._undelivered():
                raise TimeoutError(f"{left} updates not delivered after {timeout} s")

    def wait_for_messages(
        self, chat_id: Id, count: int, timeout: float = 10.0, *, bot: str = ""
    ) -> list[dict[str, Json]]:
        with self._waited(lambda: len(self.messages(chat_id, bot=bot)) >= count, timeout):
            there = self.messages(chat_id, bot=bot)
            if len(there) < count:
                raise TimeoutError(f"{len(there)} of {count} messages in chat {chat_id} after {timeout} s")
            return there

    # What people see

    def history(self, chat_id: Id, *, bot: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [record for chat in self._chats(chat_id, bot) for record in chat.history]

    def messages(self, chat_id: Id, *, bot: str = "") -> list[dict[str, Json]]:
        with self._state.lock:
            return [record for chat in self._chats(chat_id, bot) for record in chat.sent]

    def _chats(self, chat_id: Id, bot: str) -> list[Chat]:
        return self._state.of_chat(chat_id, self._bot_id(bot) if bot else "")

    def texts(self, chat_id: Id, *, bot: str = "") -> list[str]:
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


def _operations_of(steering: type[PeopleSteering]) -> list[str]:
    return [name for name in dir(steering) if not name.startswith("_") and callable(getattr(steering, name))]
