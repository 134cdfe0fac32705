"""``workers``: one, two and four Celery workers of two children each, and two processes of the web server.

Where the processor is what there is too little of, more workers gain nothing on one machine. Where each call of
Telegram takes a while, workers wait and hardly work: then more of them answer as many times more, unless they hold one
another up somewhere.
"""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks import namespaces
from benchmarks.installation import AtWork, BotAddress, Installation, installed
from benchmarks.options import Options
from benchmarks.parts.endtoend import saturated
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import talk, warm_up
from permabots.testing import Fault, FaultKind

PART = "more workers"
WORKERS = (1, 2, 4)
WEB = 2
SLOW = Fault(FaultKind.SLOW, method="sendMessage", seconds=0.1)


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Saturate each number of workers in turn, with a Telegram that answers at once and with one that is slow."""
    site = installed(servers, options.trees[0])
    with site.at_work():
        bot = site.make_bot()
    if reason := namespaces.why_none():
        options.say(f"{PART}: left out those on hosts of their own: {reason}")
    for _ in range(options.rounds):
        for count in WORKERS:
            with site.at_work(web=WEB, workers=count) as work:
                warm_up(work, bot, 100 * count)
                results.add(PART, f"workers: {count}", saturated(talk(work, bot, options.messages)))
                _wait_for_telegram(work, bot, options, results, count, f"workers: {count}")
            if not reason:
                _apart(site, bot, options, results, count)
            options.say(f"{PART}: {count}")


def _apart(site: Installation, bot: BotAddress, options: Options, results: Results, count: int) -> None:
    """Let each worker have a host of its own."""
    servers = site.servers
    ports = [servers.postgres.port, servers.redis.port, int(servers.telegram.url.rpartition(":")[2])]
    with ExitStack() as stack:
        made = (namespaces.Host(f"permabots{n}", ports, servers.folder) for n in range(count))
        hosts = [stack.enter_context(host) for host in made]
        work = stack.enter_context(site.at_work(web=WEB, hosts=hosts))
        warm_up(work, bot, 100 * count)
        _wait_for_telegram(work, bot, options, results, count, f"workers: {count}, each on a host of its own")


def _wait_for_telegram(work: AtWork, bot: BotAddress, options: Options, results: Results, count: int, row: str) -> None:
    telegram = work.installation.servers.telegram
    telegram.add_fault(SLOW)
    outcome = talk(work, bot, options.messages // 15 * count)
    telegram.clear_faults()
    results.add(PART, f"{row}; sending takes 0.1 s", saturated(outcome))
