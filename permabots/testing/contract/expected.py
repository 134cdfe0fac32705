"""What a subclass of the contract says that is expected, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from permabots.exceptions import ProviderError
from permabots.values import Keyboard, Receipt


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What an answer of the provider's API means.

    Args:
        status: the HTTP status that it comes with.
        means: the receipt that `Client.send` returns, or the class of the error that it raises.
        retry_after: the seconds that a `Retryable` says, None where it says none.
        headers: further headers that it comes with.
    """

    status: int
    means: Receipt | type[ProviderError]
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one message shows, read back from a payload's body.

    Args:
        chat_id: where it goes.
        text: as a person reads it, without markup; "" for none.
        rows: the buttons, each with what comes back when it is pressed as its data, or with the address it opens.
    """

    chat_id: str
    text: str = ""
    rows: Keyboard = ()


@dataclass(slots=True)
class Counts:
    """How much was checked.

    Args:
        webhooks: webhook bodies among the payload fixtures.
        answers: answers of the API among them.
        checks: conditions that were looked at and held.
    """

    webhooks: int = 0
    answers: int = 0
    checks: int = 0

    def __str__(self) -> str:
        return f"{self.webhooks} webhook bodies, {self.answers} API answers, {self.checks} checks"
