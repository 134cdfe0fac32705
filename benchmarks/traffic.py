"""Messages to one bot from their POST to their answer, and what they cost."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import psutil

from benchmarks.counters import counters
from benchmarks.cpu import cpu_seconds, wait_until_idle
from benchmarks.installation import AtWork, BotAddress
from benchmarks.load.client import generate
from benchmarks.load.plan import Plan
from benchmarks.outages.result import percentile

PATIENCE = 180.0
ELAPSED = "elapsed"
"""Among the seconds of the processor, those of the clock."""
_numbers = count(1)
_first = [1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen of some messages.

    Args:
        count: how many there were.
        seconds: from the first POST to the last answer.
        posting: seconds from the first POST to the last response of the web server.
        refused: those that the web server did not take.
        lost: those without an answer.
        posts: seconds that each POST took.
        latencies: seconds from each message to its answer.
        cpu: seconds of the processor until the last answer, by what took them; ``others`` are other programs.
        worker_cpu: those of the workers until they were idle.
        idle: seconds from the last answer until the workers were idle; None where they did not become so, or where
            that was not waited for.
        counted: what the servers counted until the workers were idle, as `benchmarks.counters` has it.
    """

    count: int
    seconds: float
    posting: float
    refused: int
    lost: int
    posts: list[float] = field(repr=False)
    latencies: list[float] = field(repr=False)
    cpu: dict[str, float]
    worker_cpu: float
    idle: float | None
    counted: dict[str, float]

    @property
    def rate(self) -> float:
        """Answered messages a second."""
        return len(self.latencies) / self.seconds

    def latency(self, share: float) -> float:
        """Return the milliseconds that this part of the messages waited at most for an answer."""
        return percentile(self.latencies, share) * 1000

    def cpu_ms(self, name: str) -> float:
        """Return the milliseconds of the processor for one message, until the last answer."""
        return self.cpu[name] * 1000 / self.count

    @property
    def others(self) -> float:
        """The percentage of a core that other programs took meanwhile."""
        return 100 * self.cpu["others"] / self.cpu[ELAPSED]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was seen of messages that the web server took, whether or not somebody answers them.

    Args:
        count: how many there were.
        seconds: from the first POST to the last response.
        refused: those not answered 200.
        posts: seconds that each POST took.
        cpu: as in `Outcome`, until the last response.
    """

    count: int
    seconds: float
    refused: int
    posts: list[float] = field(repr=False)
    cpu: dict[str, float]

    @property
    def others(self) -> float:
        """The percentage of a core that other programs took meanwhile."""
        return 100 * self.cpu["others"] / self.cpu[ELAPSED]


def take(work: AtWork, bot: BotAddress, messages: int, *, chats: int = 100, chat: int = 0) -> Taken:
    """Have messages posted as fast as they are taken, and wait for no answer.

    Args:
        work: the web server.
        bot: whom they are for.
        messages: how many.
        chats: over how many chats they go, in turn.
        chat: the id of the first of these chats; 0 for chats that have not talked before.
    """
    before = _cpu(work)
    posted = generate(_plan(work, bot, messages, chats, 0.0, chat))
    used = {name: spent - before[name] for name, spent in _cpu(work).items()}
    ends = map(sum, zip(posted.moments, posted.took, strict=True))
    return Taken(messages, max(ends) - min(posted.moments), posted.refused, posted.took, used)


def talk(
    work: AtWork, bot: BotAddress, messages: int, *, chats: int = 100, rate: float = 0.0, watch_idle: bool = True
) -> Outcome:
    """Have messages posted, and wait for their answers.

    Args:
        work: who answers.
        bot: whom they are for.
        messages: how many.
        chats: over how many chats they go, in turn; these chats have not talked before.
        rate: messages a second; 0 for as fast as the web server takes them.
        watch_idle: wait until the workers have nothing to do any more.
    """
    telegram = work.installation.servers.telegram
    telegram.clear_journal()
    plan = _plan(work, bot, messages, chats, rate)
    counted, before = counters(work.installation.servers), _cpu(work)
    posted = generate(plan)
    with suppress(TimeoutError):  # the account below says how many were lost
        telegram.wait_for_sent(messages - posted.refused, PATIENCE)
    found_at = time.monotonic()
    used = {name: spent - before[name] for name, spent in _cpu(work).items()}
    quiet = wait_until_idle(work.pids()["worker"]) if watch_idle else None
    worker_cpu = _cpu(work)["worker"] - before["worker"]
    counted = {name: value - counted[name] for name, value in counters(work.installation.servers).items()}
    answered: dict[int, float] = {}
    for sent in telegram.sent():
        answered.setdefault(int(sent.text), sent.monotonic)
    last = max(answered.values(), default=found_at)
    return Outcome(
        count=messages,
        seconds=last - min(posted.moments),
        posting=max(map(sum, zip(posted.moments, posted.took, strict=True))) - min(posted.moments),
        refused=posted.refused,
        lost=messages - len(answered),
        posts=posted.took,
        latencies=[answered[plan.first + i] - at for i, at in enumerate(posted.moments) if plan.first + i in answered],
        cpu=used,
        worker_cpu=worker_cpu,
        idle=None if quiet is None else max(0.0, quiet - last),
        counted=counted,
    )


def warm_up(work: AtWork, bot: BotAddress, messages: int = 100) -> None:
    """Have a bot answer its first messages, which are slower, also while the workers start."""
    talk(work, bot, messages, chats=20)


def _plan(work: AtWork, bot: BotAddress, messages: int, chats: int, rate: float, chat: int = 0) -> Plan:
    first, _first[0] = _first[0], _first[0] + messages
    return Plan(
        port=work.installation.site.port,
        path=bot.path,
        secret=bot.secret,
        first=first,
        count=messages,
        chats=chats,
        chat=chat or next(_numbers) * 100_000,
        rate=rate,
    )


def _cpu(work: AtWork) -> dict[str, float]:
    """Return what each process tree has used of the processor so far, all others together, and the moment."""
    used = {name: sum(map(cpu_seconds, pids)) for name, pids in work.pids().items()}
    used["stand-in"] = cpu_seconds(work.installation.servers.telegram_pid)
    used["load"] = sum(psutil.Process().cpu_times()[:4])
    machine = psutil.cpu_times()
    busy = sum(machine[:8]) - machine.idle - machine.iowait
    used["others"] = busy - sum(used.values())
    used[ELAPSED] = time.monotonic()
    return used
