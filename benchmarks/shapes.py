"""What messages of the part ``endtoend`` are like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.installation import HIGH_RATES, UNLIMITED

PLAIN = "100 chats"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of load.

    Args:
        chats: over how many chats the messages go, in turn; 0 for a new one each.
        handlers: of the bot.
        variables: of the processes.
    """

    chats: int = 100
    handlers: int = 10
    variables: Mapping[str, str] = field(default_factory=lambda: UNLIMITED)


SHAPES = {
    PLAIN: Shape(),
    "new chats": Shape(chats=0),
    "one chat": Shape(chats=1),
    "10,000 handlers": Shape(handlers=10_000),
    "rates kept, log at INFO": Shape(variables={**HIGH_RATES, "LOG_LEVEL": "INFO"}),
}
