"""``memory``: what web server and worker take with more and more bots, each of which has been talked to."""

from __future__ import annotations

from collections.abc import Sequence

import requests

from benchmarks.cpu import pss_mib
from benchmarks.installation import AtWork, BotAddress, installed
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stand import Servers
from permabots.testing import text_update

PART = "memory"
BOTS = (1, 100, 1_000)
QUICK_BOTS = (1, 10)
CHAT = 5_000_000


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Talk to bots and look at the processes. Fewer bots go first, so that each round needs no more bots to be made."""
    numbers = QUICK_BOTS if options.quick else BOTS
    site = installed(servers, options.trees[0])
    bots: list[BotAddress] = []
    with site.at_work():
        bots += [site.make_bot() for _ in range(max(numbers))]
    options.say(f"{PART}: {len(bots)} bots made")
    for place in range(min(options.rounds, 3)):
        with site.at_work() as work:
            for count in numbers:
                _talk_to_each(work, bots[:count], (place + 1) * 1_000_000 + count * 1_000)
                results.add(PART, f"bots: {count:,}", _sizes(work))
        options.say(PART)


def _sizes(work: AtWork) -> dict[str, float | None]:
    """Return the proportional set size (PSS) of the processes, in MiB."""
    (worker,) = work.pids()["worker"]
    return {"web MiB": pss_mib(work.web.process.pid), "worker MiB": pss_mib(worker)}


def _talk_to_each(work: AtWork, bots: Sequence[BotAddress], first: int) -> None:
    """Have each bot answer four messages, so that both children know most of them, and wait for the answers."""
    telegram = work.installation.servers.telegram
    telegram.clear_journal()
    with requests.Session() as session:
        for number in range(4 * len(bots)):
            bot = bots[number % len(bots)]
            update = text_update(first + number, CHAT + number, f"echo {number}", message_id=first + number)
            headers = {"X-Telegram-Bot-Api-Secret-Token": bot.secret}
            url = f"{work.installation.site.url}{bot.path}"
            session.post(url, json=update, headers=headers, timeout=30).raise_for_status()
    telegram.wait_for_sent(4 * len(bots), 600)
