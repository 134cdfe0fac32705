"""``workers``: one, two and four Celery workers, of two children each."""

from __future__ import annotations

from benchmarks.installation import installed
from benchmarks.options import Options
from benchmarks.parts.endtoend import saturated
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import talk, warm_up

PART = "more workers"
WORKERS = (1, 2, 4)


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Saturate each number of workers in turn."""
    site = installed(servers, options.trees[0])
    with site.at_work():
        bot = site.make_bot()
    for _ in range(options.rounds):
        for count in WORKERS:
            with site.at_work(workers=count) as work:
                warm_up(work, bot, 100 * count)
                results.add(PART, f"workers: {count}", saturated(talk(work, bot, options.messages)))
            options.say(f"{PART}: {count}")
