"""Two bots of one installation, the people who talk to them, and how long they wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import connection

from benchmarks.outages.house import ECHO, UNLIMITED, House, connect, opened
from benchmarks.outages.result import percentile
from benchmarks.outages.stand import Size, Stand
from benchmarks.outages.talk import Answers, Talk
from permabots.models import ApiHealth
from permabots.pipeline.authoring.configuration import create_handler
from permabots.testing import UserApiServer

RATE, RATE_BESIDE = 20.0, 5.0
"""Messages a second: to the bot that is measured, and to the one beside it."""
PEOPLE, PEOPLE_BESIDE = 100, 30
HANG = 30.0
"""Seconds that the API keeps a request: longer than it is waited for."""
WARM_UP = 3.0


@dataclass(slots=True)
class Party:
    """Two bots, each with an API of its author.

    Args:
        house: the bot that is measured.
        beside: the one beside it.
    """

    house: House
    beside: House
    phases: int = 0

    def talk(
        self, seconds: float, *, beside: bool, after: Callable[[], None] = lambda: None
    ) -> tuple[Answers, Answers]:
        """Have people talk, then wait for every answer.

        Args:
            seconds: how long the first bot's people talk.
            beside: whether the other's do.
            after: to be done when they have stopped and are all answered.

        Returns:
            What the first bot's people were answered, and the other's.
        """
        self.phases += 1
        self.house.stand.telegram.clear_journal()
        talks = [
            Talk(house, range(self.phases * 10_000 + start, self.phases * 10_000 + start + people))
            for house, start, people in ((self.house, 0, PEOPLE), (self.beside, 1000, PEOPLE_BESIDE))
        ]
        if beside:
            talks[1].say_all(PEOPLE_BESIDE)
        ended = threading.Event()
        rates = (RATE, RATE_BESIDE) if beside else (RATE,)
        threads = [talk.keep_talking(rate, ended) for talk, rate in zip(talks, rates, strict=False)]
        time.sleep(seconds)
        ended.set()
        for thread in threads:
            thread.join()
        first = talks[0].wait()
        after()
        return first, talks[1].wait()


def measure(stand: Stand, pool: str, slots: int, seconds: float) -> int:
    """Measure one pool and print what was found; returns how many messages were lost."""
    with at_work(stand, pool, slots) as (party, api):
        say(f"\n== {pool}, {slots} at a time; {RATE:g} messages a second for {seconds:g} s\n")
        party.talk(WARM_UP, beside=True)  # the first message of a process is slower
        alone, _ = party.talk(seconds, beside=False)
        say(line("alone", alone))
        well, _ = party.talk(seconds, beside=True)
        say(line("beside one whose API is well", well))
        api.add_route("/u/other", {}, delay=HANG)
        hangs, other = party.talk(seconds, beside=True, after=lambda: api.add_route("/u/other", {}))
        say(line("beside one whose API hangs", hangs))
        say(line("  that one's own people", other))
        ratios = [p95(hangs) / p95(found) for found in (alone, well)]
        say(f"\np95 while the API hangs: {ratios[0]:.2f} of alone, {ratios[1]:.2f} of beside one that is well")
        say(f"{ApiHealth.objects.exclude(open_until=None).count()} breakers were open in the end")
    return sum(len(answers.lost) for answers in (alone, well, hangs, other))


@contextmanager
def at_work(stand: Stand, pool: str, slots: int) -> Iterator[tuple[Party, UserApiServer]]:
    """Start an installation with two bots and the API that they ask, under two addresses."""
    variables = {**UNLIMITED, "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1"}
    with UserApiServer() as api, opened(stand, Size(), variables) as house:
        house.site.start_worker(pool=pool, concurrency=slots)
        api.add_route("/u/well", {})
        api.add_route("/u/other", {})
        yield Party(asking(house, f"{api.base}/well"), asking(house, f"{api.base}/other")), api


def asking(house: House, url: str) -> House:
    """Return the house with another bot, which asks an API before it answers."""
    bot, token = connect()
    bot.handlers.all().delete()
    create_handler(bot, {**ECHO, "request": {"url_template": url}})
    connection.close()
    return replace(house, bot=bot, token=token)


def p95(answers: Answers) -> float:
    """Return how long 95 of 100 people waited at most, in seconds."""
    return percentile(answers.latencies.values(), 0.95)


def line(name: str, answers: Answers) -> str:
    """Return what people waited as a line of a table."""
    waited = answers.latencies.values()
    middle, late, longest = (percentile(waited, share) * 1000 for share in (0.5, 0.95, 1.0))
    figures = f"p50 {middle:6.0f}  p95 {late:6.0f}  longest {longest:6.0f} ms"
    return f"{name:<30} {figures}  of {answers.said}, {len(answers.lost)} lost, {len(answers.disordered)} out of order"


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)
