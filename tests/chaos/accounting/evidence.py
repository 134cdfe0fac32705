"""What a run leaves behind: what was said, what the provider accepted, what the rows say, what was done to whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

Key = tuple[int, int]
"""A message: its chat, and its number there."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a person said.

    Args:
        key: which.
        word: what.
        at: when, by `time.monotonic`.
        swapped: the provider delivered it after the next one.
    """

    key: Key
    word: str
    at: float
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """An answer that the provider accepted; a second one of the same message is a double.

    Args:
        key: the message it answers.
        text: what it says.
        at: when it came, by `time.monotonic`.
        told: whether the sender was told that it was accepted; False where it no longer waited, too.
        pid: the process that sent it, 0 where that is not known.
    """

    key: Key
    text: str
    at: float
    told: bool = True
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """A stored message.

    Args:
        key: which.
        status: of the row.
        attempts: turns begun.
        place: the number of its answer's row, which is given in the order in which turns end, whatever the clock says;
            None where there is none.
        late: it arrived after a later one had been answered.
        error: of the row.
    """

    key: Key
    status: str
    attempts: int
    place: int | None = None
    late: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """A stored answer.

    Args:
        key: the message it answers.
        status: of the row.
        attempts: claims.
        text: what it says.
        error: of the row.
    """

    key: Key
    status: str
    attempts: int
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that was done to a process or server.

    Args:
        kind: what.
        began: when, by `time.monotonic`.
        ended: when it was over.
        pids: the processes it was done to; empty where all of them feel it.
        point: where in a turn, "" where that was left to chance.
    """

    kind: str
    began: float
    ended: float
    pids: frozenset[int] = frozenset()
    point: str = ""


@dataclass(slots=True)
class Evidence:
    """All of it.

    Args:
        said: in the order in which it was said.
        copies: as the provider accepted them.
        turns: by message.
        sends: by message.
        states: the state of every chat in the end, by its name; chats without one are missing.
        troubles: in order.
        calls: when each process called the provider or the user's API, in order.
        impatient: when calls came that came before a ``retry_after`` was over.
        news: the same of what a hook told: who was told which post is the key, a post's row the turn.
        most_turns: how often a turn or a post may be begun; 0 for not known.
        most_sends: how often a send may be begun; 0 for not known.
        single: nothing may come twice, whatever happened: what takes the calls knows each by its key.
        misshown: what a person's page shows otherwise than it was said and stored, as texts.
        web: the same of web chats.
    """

    said: list[Said] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    turns: dict[Key, Turn] = field(default_factory=dict)
    sends: dict[Key, Send] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    calls: dict[int, list[float]] = field(default_factory=dict)
    impatient: list[float] = field(default_factory=list)
    news: Evidence | None = None
    most_turns: int = 0
    most_sends: int = 0
    single: bool = False
    misshown: list[str] = field(default_factory=list)
    web: Evidence | None = None

    def of_chats(self, chats: Collection[int]) -> Evidence:
        """Return the evidence of some chats alone."""
        return replace(
            self,
            said=[said for said in self.said if said.key[0] in chats],
            copies=[copy for copy in self.copies if copy.key[0] in chats],
            turns={key: turn for key, turn in self.turns.items() if key[0] in chats},
            sends={key: send for key, send in self.sends.items() if key[0] in chats},
            states={chat: state for chat, state in self.states.items() if chat in chats},
        )
