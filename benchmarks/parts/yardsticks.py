"""``yardsticks``: what Django and Celery take by themselves, with `benchmarks.yardstick` in place of permabots."""

from __future__ import annotations

from benchmarks.installation import BotAddress, Installation
from benchmarks.options import Options
from benchmarks.parts.endtoend import RATE, saturated, waiting
from benchmarks.parts.webhook import taking
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import take, talk, warm_up
from demo.site import Site

PART = "yardsticks"
BOT = BotAddress("", "/webhook/", "")


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure the view without a worker, then the whole."""
    site = yardstick(servers, options)
    for _ in range(options.rounds):
        with site.at_work(workers=0) as work:
            take(work, BOT, 200)
            results.add(PART, "a view, one INSERT, one publish", taking(take(work, BOT, options.messages)))
        with site.at_work() as work:
            warm_up(work, BOT)
            results.add(PART, "the bare pipeline", saturated(talk(work, BOT, options.messages)))
            slow = talk(work, BOT, int(RATE * options.seconds), rate=RATE)
            results.add(PART, f"the bare pipeline, {RATE:g} a second", waiting(slow))
        options.say(PART)


def yardstick(servers: Servers, options: Options) -> Installation:
    """Make the installation of the yardstick."""
    variables = {**servers.environment(servers.postgres.createdb("yardstick")), "LOG_LEVEL": "WARNING"}
    site = Site(servers.folder / "yardstick", variables, project="benchmarks.yardstick")
    site.manage("migrate", "--run-syncdb", "--verbosity", "0")
    return Installation(servers, options.trees[0], site)
