"""``turn``: answering one message in one process, without a worker around it, by the number of handlers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.installation import UNLIMITED, AtWork, BotAddress
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.subjects import subjects
from benchmarks.traffic import take

PART = "a turn alone"
PROCESS = Path(__file__).parents[1] / "turn_process.py"
WARM_UP = 50
HANDLERS = (1, 10, 100, 1_000, 10_000)


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Store messages, one in each of many chats, and have one process do what the web server has published."""
    messages = min(options.messages, 300)
    compared = subjects(servers, options, HANDLERS)
    for place in range(options.rounds):
        for subject in compared:
            with subject.site.at_work(workers=0) as work:
                for count, bot in subject.bots.items():
                    chat = (place * len(HANDLERS) + HANDLERS.index(count) + 1) * 10_000_000
                    results.add(PART, f"{count:,} handlers", turns(work, bot, messages, chat), subject.name)
            options.say(f"{PART}: {subject.name}")


def turns(work: AtWork, bot: BotAddress, messages: int, chat: int) -> dict[str, float | None]:
    """Measure the answers to messages, one in each of some chats that have talked before.

    Args:
        work: a web server, and no worker.
        bot: whom they are for.
        messages: how many are measured.
        chat: the id of the first chat.
    """
    chats = WARM_UP + messages
    take(work, bot, chats, chats=chats, chat=chat)
    do_all(work, 0)
    take(work, bot, chats, chats=chats, chat=chat)
    return figures(do_all(work, WARM_UP), messages)


def do_all(work: AtWork, warm_up: int) -> dict[str, Any]:
    """Do what waits in the broker, in a process of its own; returns what `benchmarks.turn_process` tells.

    Args:
        work: whose broker it is.
        warm_up: so many tasks are done before it begins to measure.

    Raises:
        RuntimeError: a task failed; the message holds the end of what was printed.
    """
    site = work.installation.site
    done = subprocess.run(  # noqa: S603 - our own file
        [site.python, "-P", PROCESS, site.project, str(warm_up)],
        cwd=site.tree,
        env={**site.variables(), **UNLIMITED, "PYTHONPATH": str(site.tree)},
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def figures(told: dict[str, Any], turns: int) -> dict[str, float | None]:
    """Return what one turn takes."""
    return {
        "CPU ms": told["used"] * 1000 / turns,
        "wall ms": told["passed"] * 1000 / turns,
        "tasks": told["tasks"] / turns,
        "statements": told["statements"] / turns,
        "transactions": told["xact_commit"] / turns,
        "rows read by an index": told["tup_fetched"] / turns,
        "rows written": sum(told[f"tup_{what}"] for what in ("inserted", "updated", "deleted")) / turns,
    }
