"""Messages to one bot from their POST to their answer, and what they cost."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import psutil

from benchmarks.cpu import cpu_seconds, wait_until_idle
from benchmarks.installation import AtWork, BotAddress
from benchmarks.load.client import generate
from benchmarks.load.plan import Plan
from benchmarks.outages.result import percentile

PATIENCE = 180.0
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
        cpu: seconds of the processor, by what took them, until the workers were idle; ``others`` are not of the bench.
        idle: seconds from the last answer until the workers were idle; None where they did not become so, or where
            that was not waited for.
    """

    count: int
    seconds: float
    posting: float
    refused: int
    lost: int
    posts: list[float] = field(repr=False)
    latencies: list[float] = field(repr=False)
    cpu: dict[str, float]
    idle: float | None

    @property
    def rate(self) -> float:
        """Answered messages a second."""
        return len(self.latencies) / self.seconds

    def latency(self, share: float) -> float:
        """Return the milliseconds that this part of the messages waited at most for an answer."""
        return percentile(self.latencies, share) * 1000

    def cpu_ms(self, name: str) -> float:
        """Return the milliseconds of the processor for one message."""
        return self.cpu[name] * 1000 / self.count


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
    before = _cpu(work)
    posted = generate(plan)
    with suppress(TimeoutError):  # the account below says how many were lost
        telegram.wait_for_sent(messages - posted.refused, PATIENCE)
    found_at = time.monotonic()
    quiet = wait_until_idle(work.pids()["worker"]) if watch_idle else None
    used = {name: spent - before[name] for name, spent in _cpu(work).items()}
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
        idle=None if quiet is None else max(0.0, quiet - last),
    )


def warm_up(work: AtWork, bot: BotAddress, messages: int = 100) -> None:
    """Have a bot answer its first messages, which are slower, also while the workers start."""
    talk(work, bot, messages, chats=20)


def _plan(work: AtWork, bot: BotAddress, messages: int, chats: int, rate: float) -> Plan:
    first, _first[0] = _first[0], _first[0] + messages
    return Plan(
        port=work.installation.site.port,
        path=bot.path,
        secret=bot.secret,
        first=first,
        count=messages,
        chats=chats,
        chat=next(_numbers) * 100_000,
        rate=rate,
    )


def _cpu(work: AtWork) -> dict[str, float]:
    """Return what each process tree has used of the processor so far, and all others together."""
    used = {name: sum(map(cpu_seconds, pids)) for name, pids in work.pids().items()}
    used["stand-in"] = cpu_seconds(work.installation.servers.telegram_pid)
    used["load"] = sum(psutil.Process().cpu_times()[:4])
    machine = psutil.cpu_times()
    busy = sum(machine[:8]) - machine.idle - machine.iowait
    used["others"] = busy - sum(used.values())
    return used
