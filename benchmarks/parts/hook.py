"""``hook``: a notification hook with 10,000 recipients."""

from __future__ import annotations

import time

import psycopg
import requests

from benchmarks.cpu import cpu_seconds, wait_until_idle
from benchmarks.handlers import copy_rows
from benchmarks.installation import AtWork, BotAddress, Installation, installed
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import warm_up

PART = "a hook"
RECIPIENTS = 10_000
CHAT = 700_000_000


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Post to the hook and wait until everybody is told."""
    count = RECIPIENTS // 50 if options.quick else RECIPIENTS
    site = installed(servers, options.trees[0])
    with site.at_work() as work:
        bot = site.make_bot()
        warm_up(work, bot)
        key = _hook(site, bot, count)
    for _ in range(min(options.rounds, 3)):
        with site.at_work() as work:
            warm_up(work, bot)
            results.add(PART, f"{count:,} recipients", _tell(work, key, count))
        options.say(PART)


def _hook(site: Installation, bot: BotAddress, count: int) -> str:
    """Make a hook with recipients: the first over the API, the others as its copies; returns its key."""
    hooks = f"bots/{bot.id}/hooks/"
    hook = site.ask("POST", hooks, {"name": "bench", "response": {"text_template": "{{ data.n }}"}})
    site.ask("POST", f"{hooks}{hook['id']}/recipients/telegram/", {"chat_id": str(CHAT), "name": "someone"})
    with psycopg.connect(site.database_url) as connection:
        changes = {"id": "gen_random_uuid()", "chat_id": f"({CHAT} + n)::text"}
        copy_rows(connection, "permabots_recipient", f"t.hook_id = '{hook['id']}'", count - 1, changes)
        connection.execute("ANALYZE")
    return str(hook["key"])


def _tell(work: AtWork, key: str, count: int) -> dict[str, float | None]:
    site, telegram, pids = work.installation, work.installation.servers.telegram, work.pids()
    telegram.clear_journal()
    before = {name: sum(map(cpu_seconds, roots)) for name, roots in pids.items()}
    began = time.monotonic()
    requests.post(
        f"{site.site.url}/processing/hook/{key}/",
        json={"n": 5},
        headers={"Authorization": f"Token {site.key}"},
        timeout=60,
    ).raise_for_status()
    answered = time.monotonic()
    telegram.wait_for_sent(count, 1200)
    told = time.monotonic()
    wait_until_idle(pids["worker"])
    used = {name: sum(map(cpu_seconds, roots)) - before[name] for name, roots in pids.items()}
    return {
        "POST answered after s": answered - began,
        "last recipient told after s": told - began,
        "recipients/s": count / (told - began),
        **{f"{name} CPU ms a recipient": used[name] * 1000 / count for name in ("worker", "web", "PostgreSQL")},
    }
