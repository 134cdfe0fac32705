"""The script of a run: which messages are said, and what goes wrong when. The same seed gives the same script."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.chaos.accounting.bot import WORDS

FIRST_CHAT = 1_000_001
FIRST_UPDATE = 1_000_000
BURST = (1, 1, 1, 2, 3, 5)
"""How many messages a person writes in a row."""
WEB = 5
"""One chat of so many is a web chat."""


class Fault(StrEnum):
    """The groups of faults that can be asked for."""

    KILL = "kill"
    WORKER = "worker"
    WEB = "web"
    POSTGRES = "postgres"
    REDIS = "redis"
    PROVIDER = "provider"
    API = "api"
    WEBHOOKS = "webhooks"
    RACE = "race"
    PAUSE = "pause"
    CLOCK = "clock"
    DISK = "disk"
    ROTATION = "rotation"
    HOOKS = "hooks"


class Point(StrEnum):
    """Where in its turn a worker's child is, seen from outside."""

    REQUEST = "while it calls the user's API"
    REPLIED = "a moment after the user's API answered"
    BEFORE = "before the provider accepts"
    AFTER = "after the provider accepted, before it is told"
    LATER = "a moment after the provider's answer"


MOMENTS = {Point.REPLIED: 0.03, Point.LATER: 0.06}
"""Seconds: how long a moment may be, at the points that are one. Any step of a turn falls into one or the other."""


class Deed(StrEnum):
    """What is done to the child that handles a message."""

    KILL = "kill"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Harm:
    """What happens to the child that handles one message.

    Args:
        deed: what.
        point: when.
        delay: seconds more, where the point is a moment after something.
    """

    deed: Deed
    point: Point
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person.

    Args:
        index: its place among all, from 0; updates are numbered in this order.
        chat: where it is said.
        number: its place in the chat, from 0.
        word: one of `tests.chaos.accounting.bot.WORDS`.
        harms: what happens to the children that handle it, one after another.
        provider: what goes wrong with its answer at the provider, "" for nothing.
        api: what goes wrong with its call of the user's API, "" for nothing.
        repeats: how often the provider delivers it once more.
        wakeups: how many needless wake-ups its conversation gets.
        swapped: delivered after the message that was said next.
        web: said in a web chat.
    """

    index: int
    chat: int
    number: int
    word: str
    harms: tuple[Harm, ...] = ()
    provider: str = ""
    api: str = ""
    repeats: int = 0
    wakeups: int = 0
    swapped: bool = False
    web: bool = False

    @property
    def text(self) -> str:
        return f"{self.word} {self.number} of {self.chat}"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a whole server.

    Args:
        after: how many messages have been said by then.
        kind: a key of `STEPS`.
        seconds: how long it lasts.
    """

    after: int
    kind: str
    seconds: float = 0.0


CLOCK_AHEAD = "clock set ahead"
CLOCK_BACK = "clock set back"

STEPS: dict[str, tuple[Fault, int, float]] = {
    "worker killed": (Fault.WORKER, 400, 0.0),
    "worker's main process killed": (Fault.WORKER, 2000, 0.0),
    "web killed": (Fault.WEB, 800, 0.0),
    "web killed between insert and answer": (Fault.WEB, 2000, 0.0),
    "PostgreSQL crashed": (Fault.POSTGRES, 2500, 1.0),
    "PostgreSQL paused": (Fault.POSTGRES, 2500, 3.0),
    "PostgreSQL read-only": (Fault.POSTGRES, 5000, 2.0),
    "Redis restarted": (Fault.REDIS, 2500, 1.0),
    "Redis emptied": (Fault.REDIS, 1000, 0.0),
    "Redis paused": (Fault.REDIS, 2500, 3.0),
    "user API down": (Fault.API, 1500, 2.0),
    CLOCK_AHEAD: (Fault.CLOCK, 5000, 60.0),
    CLOCK_BACK: (Fault.CLOCK, 5000, 60.0),
    "PostgreSQL's disk full": (Fault.DISK, 2500, 3.0),
    "webhook set, refused twice": (Fault.ROTATION, 2000, 0.0),
}
"""Kind -> its group, one for so many messages (one at least), its seconds (of a clock: by how many it is set)."""

PROVIDER_TROUBLES = ("too_many_requests", "server_error", "hang", "close", "hang accepted", "close accepted")
API_TROUBLES = ("slow", "hang", "cut", "500")
_TWICE = 0.1
_SHARES = {Fault.KILL: 0.19, Fault.PAUSE: 0.01, Fault.PROVIDER: 0.06, Fault.API: 0.05, Fault.RACE: 0.2}
"""Of all messages, so many meet a fault of the group."""
_REPEATED = 0.05
_SWAPPED = 0.3
"""Of the bursts."""


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that happens in a run.

    Args:
        messages: by their index.
        order: the indices in the order in which the provider delivers.
        steps: what happens to servers, by `Step.after`.
        seed: what it was made from.
    """

    messages: tuple[Message, ...]
    order: tuple[int, ...]
    steps: tuple[Step, ...]
    seed: int


def write_script(
    count: int,
    conversations: int,
    seed: int,
    faults: Collection[Fault] = tuple(Fault),
) -> Script:
    """Write the script of a run.

    Args:
        count: messages.
        conversations: chats they are said in.
        seed: the same one gives the same script.
        faults: what may go wrong.
    """
    draw = random.Random(f"{seed} {count} {conversations}")
    messages: list[Message] = []
    order: list[int] = []
    said: Counter[int] = Counter()
    while len(messages) < count:
        chat = FIRST_CHAT + draw.randrange(conversations)
        burst = range(len(messages), min(count, len(messages) + draw.choice(BURST)))
        web = (chat - FIRST_CHAT) % WEB == WEB - 1
        swap = len(burst) > 1 and _hit(draw, _SWAPPED) and Fault.WEBHOOKS in faults and not web
        order += [burst[1], burst[0], *burst[2:]] if swap else burst
        for index in burst:
            message = _message(draw, index, chat, said[chat], faults, draw.choice(WORDS))
            messages.append(replace(message, swapped=swap and index == burst[0], web=web))
            said[chat] += 1
    return Script(tuple(messages), tuple(order), _steps(draw, count, faults), seed)


def _message(draw: random.Random, index: int, chat: int, number: int, faults: Collection[Fault], word: str) -> Message:
    # Each draw is made whether its fault is wanted or not: a fault more or less leaves the rest of the script alone.
    hit = {fault: _hit(draw, share) and fault in faults for fault, share in _SHARES.items()}
    killed, paused = _harm(draw, Deed.KILL, word), _harm(draw, Deed.PAUSE, word)
    again, repeated = _hit(draw, _TWICE), _hit(draw, _REPEATED)
    provider, api = draw.choice(PROVIDER_TROUBLES), draw.choice(API_TROUBLES)
    return Message(
        index,
        chat,
        number,
        word,
        harms=(killed,) * (2 if again else 1) if hit[Fault.KILL] else (paused,) if hit[Fault.PAUSE] else (),
        provider=provider if hit[Fault.PROVIDER] else "",
        api=api if hit[Fault.API] and word == "ask" else "",
        repeats=int(repeated and Fault.WEBHOOKS in faults),
        wakeups=draw.randrange(1, 4) * hit[Fault.RACE],
    )


def _harm(draw: random.Random, deed: Deed, word: str) -> Harm:
    points = [point for point in Point if word == "ask" or point not in (Point.REQUEST, Point.REPLIED)]
    point = draw.choice(points)
    return Harm(deed, point, draw.uniform(0.0, MOMENTS.get(point, 0.0)))


def _hit(draw: random.Random, share: float) -> bool:
    return draw.random() < share


def _steps(draw: random.Random, count: int, faults: Collection[Fault]) -> tuple[Step, ...]:
    """Spread the faults of servers over the middle of the run, in a drawn order."""
    wanted = [
        (kind, seconds)
        for kind, (fault, every, seconds) in STEPS.items()
        for _ in range(max(1, count // every))
        if fault in faults
    ]
    draw.shuffle(wanted)
    share = 0.9 * count / max(1, len(wanted))
    return tuple(
        Step(int(0.05 * count + share * (place + draw.random() / 2)), kind, seconds)
        for place, (kind, seconds) in enumerate(wanted)
    )
