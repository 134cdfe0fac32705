"""``webhook``: messages are taken and stored, and nobody answers them."""

from __future__ import annotations

from benchmarks.options import Options
from benchmarks.outages.result import percentile
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.subjects import PLAIN_HANDLERS, subjects
from benchmarks.traffic import Taken, take

PART = "webhook alone"


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Post messages to a web server without a worker."""
    compared = subjects(servers, options)
    for _ in range(options.rounds):
        for subject in compared:
            bot = subject.bots[PLAIN_HANDLERS]
            with subject.site.at_work(workers=0) as work:
                take(work, bot, 200)
                found = taking(take(work, bot, options.messages))
            results.add(PART, "messages in 100 chats", found, subject.name)
            options.say(f"{PART}: {subject.name}")


def taking(taken: Taken) -> dict[str, float | None]:
    """Return the figures of messages that were taken."""
    return {
        "taken/s": taken.count / taken.seconds,
        "p50 ms": percentile(taken.posts, 0.5) * 1000,
        "p99 ms": percentile(taken.posts, 0.99) * 1000,
        **{f"{name} CPU ms a message": taken.cpu[name] * 1000 / taken.count for name in ("web", "PostgreSQL", "Redis")},
        "refused": taken.refused,
        "others' CPU, % of a core": taken.others,
    }
