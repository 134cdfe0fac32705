"""What a test can do to every stand-in messenger, in this process or in another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from permabots.testing.faults import Fault
from permabots.testing.journal import Call, Delivery, Id, Sent, Violation
from permabots.values import Json

Order = Literal["sent", "reversed", "shuffled"]


class PeopleSteering(ABC):
    """What `TelegramSteering`, `MessengerSteering` and `KikSteering` share.

    Methods raise `SteeringError` where what they are asked makes no sense, and `TimeoutError` where what they wait for
    does not happen.
    """

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``; the messenger's API is there."""
        raise NotImplementedError

    # Credentials and faults

    @abstractmethod
    def revoke(self, credential: str) -> None:
        """Refuse this token or key from now on."""

    @abstractmethod
    def restore(self, credential: str) -> None:
        """Take a revoked token or key again."""

    @abstractmethod
    def add_fault(self, fault: Fault) -> None:
        """Order a fault; of several that fit a call the first added counts."""

    @abstractmethod
    def clear_faults(self) -> None:
        """Let nothing go wrong any more; enforced waits end too."""

    # Deliveries

    @abstractmethod
    def hold(self) -> None:
        """Keep what happens from now on back, until `release`."""

    @abstractmethod
    def release(self, *, together: bool = True, order: Order = "sent", copies: int = 1) -> int:
        """Deliver the events that were held back.

        Args:
            together: in as few POSTs as the messenger allows; else each event in one of its own.
            order: as it happened, the other way round, or drawn with the server's seed.
            copies: how often each POST is made, as a messenger does that lost the answer.

        Returns:
            The number of POSTs.
        """

    # Waiting

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
        """Wait until nothing waits for any bot: each event was acknowledged, fetched or given up.

        What is held does not count. A bot may still be thinking about what it acknowledged.

        Raises:
            TimeoutError: some wait after ``timeout`` seconds.
        """

    # What people see

    @abstractmethod
    def history(self, chat_id: Id, *, bot: str = "") -> list[dict[str, Json]]:
        """Return what happened in a chat, from both sides, as every bot, or only one, sees it.

        Args:
            chat_id: the chat, for Messenger the person (PSID).
            bot: the bot's token, the page's id or token, the bot's username; "" for all.
        """

    @abstractmethod
    def wait_for_messages(
        self, chat_id: Id, count: int, timeout: float = 10.0, *, bot: str = ""
    ) -> list[dict[str, Json]]:
        """Wait until bots have sent at least so many messages to a chat, counted from its beginning; return them.

        Raises:
            TimeoutError: there are fewer after ``timeout`` seconds.
        """

    @abstractmethod
    def messages(self, chat_id: Id, *, bot: str = "") -> list[dict[str, Json]]:
        """Return what bots, or only one, have sent to a chat, in order."""

    @abstractmethod
    def texts(self, chat_id: Id, *, bot: str = "") -> list[str]:
        """Return what people read of `messages`, in order."""

    # The journal

    @abstractmethod
    def sent(self, start: int = 0) -> list[Sent]:
        """Return accepted messages, oldest first, without the first ``start``."""

    @abstractmethod
    def calls(self, start: int = 0) -> list[Call]:
        """Return calls to the API, oldest first, without the first ``start``."""

    @abstractmethod
    def deliveries(self, start: int = 0) -> list[Delivery]:
        """Return attempts to deliver events to a webhook, oldest first, without the first ``start``."""

    @abstractmethod
    def violations(self) -> list[Violation]:
        """Return what a good client does not do: accepted, but against the rules, or before a wait was over."""

    @abstractmethod
    def clear_journal(self) -> None:
        """Forget `sent`, `calls`, `deliveries` and `violations`; chats and their messages stay."""
