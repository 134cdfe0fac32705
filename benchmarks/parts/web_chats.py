"""``webchats``: people who have a web chat open and say nothing, and what that costs them and those who write."""

from __future__ import annotations

import time
from uuid import uuid4

import psycopg
import requests

from benchmarks.cpu import cpu_seconds
from benchmarks.installation import AtWork, BotAddress, Installation, installed
from benchmarks.options import Options
from benchmarks.outages.result import percentile
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import Outcome, talk, warm_up
from benchmarks.web_chats.plan import Plan, Polled, polling

PART = "idle web chats"
PEOPLE = 1000
EVERY = 10.0
"""Seconds between two polls of a page that is open, when nothing was said for half a minute."""
RATE = 20.0
"""Messages a second at the webhook of another messenger, beside them."""
WEB, THREADS = 2, 4
SECONDS = {True: 6.0, False: 60.0}
"""How long, by whether little of everything is asked for."""
PATIENCE = 20.0

# As many people as the first one is, each with a device whose token is known.
_COPIES = """
WITH first AS (SELECT * FROM permabots_webvisitor ORDER BY id LIMIT 1), made AS (
    INSERT INTO permabots_webvisitor (web_bot_id, chat_id, name, last, created_at)
    SELECT first.web_bot_id, 'v:bench-' || n, '', first.last, now() FROM first, generate_series(0, %(people)s - 1) AS n
    RETURNING id, chat_id
)
INSERT INTO permabots_websession (visitor_id, token_hash, created_at, expires_at)
SELECT id, encode(sha256(convert_to(substring(chat_id FROM 3), 'UTF8')), 'hex'), now(), now() + interval '1 day'
FROM made
"""


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure people who write to a bot by themselves, open chats by themselves, then both."""
    people, seconds = PEOPLE // 10 if options.quick else PEOPLE, options.polling or SECONDS[options.quick]
    site = installed(servers, options.trees[0])
    with site.at_work(web=WEB, threads=THREADS) as work:
        bot = site.make_bot()
        warm_up(work, bot)
        slug, last = _open_chats(site, bot, people)
    plan = Plan(site.site.port, f"/chat/{slug}/messages/", people, EVERY * people / PEOPLE, seconds, last)
    for _ in range(options.rounds):
        with site.at_work(web=WEB, threads=THREADS) as work:
            warm_up(work, bot)
            alone = talk(work, bot, int(RATE * seconds), rate=RATE, watch_idle=False)
            results.add(PART, f"{RATE:g} messages a second, no chat open", _written(alone))
            polled, cpu = _polled(work, plan)
            results.add(PART, f"{people:,} open chats", {**_read(polled, seconds), **_cost(cpu, polled, seconds)})
            with polling(plan) as going:
                beside = talk(work, bot, int(RATE * seconds), rate=RATE, watch_idle=False)
            row = f"{RATE:g} messages a second beside {people:,} open chats"
            results.add(PART, row, {**_written(beside), **_read(going.told[0], seconds)})
        options.say(PART)


def _open_chats(site: Installation, bot: BotAddress, people: int) -> tuple[str, int]:
    """Give the bot a web chat in which a person has been answered, and that many copies of them.

    Returns:
        The address of the chat, and the number of the newest message.
    """
    slug = site.ask("POST", f"bots/{bot.id}/web/", {})["slug"]
    url = f"{site.site.url}/chat/{slug}/messages/"
    taken = requests.post(url, json={"id": str(uuid4()), "text": "echo 5"}, timeout=PATIENCE)
    headers, end = {"Authorization": f"Bearer {taken.json()['token']}"}, time.monotonic() + PATIENCE
    while len(seen := requests.get(f"{url}?after=0", headers=headers, timeout=PATIENCE).json()["messages"]) < 2:
        if time.monotonic() > end:
            raise TimeoutError("nobody answers in the web chat")
        time.sleep(0.2)
    with psycopg.connect(site.database_url) as connection:
        connection.execute(_COPIES, {"people": people})
        connection.execute("ANALYZE permabots_webvisitor, permabots_websession")
    return slug, int(seen[-1]["number"])


def _polled(work: AtWork, plan: Plan) -> tuple[Polled, dict[str, float]]:
    """Have the chats open with nothing beside them; returns also the seconds of the processor, by what took them."""
    before = _cpu(work)
    with polling(plan) as going:
        pass
    return going.told[0], {name: spent - before[name] for name, spent in _cpu(work).items()}


def _cpu(work: AtWork) -> dict[str, float]:
    return {name: sum(map(cpu_seconds, pids)) for name, pids in work.pids().items()}


def _cost(cpu: dict[str, float], polled: Polled, seconds: float) -> dict[str, float | None]:
    figures = {f"{name} CPU ms a poll": 1000 * cpu[name] / len(polled.took) for name in ("web", "PostgreSQL", "Redis")}
    return {**figures, "web CPU, % of a core": 100 * cpu["web"] / seconds}


def _read(polled: Polled, seconds: float) -> dict[str, float | None]:
    return {
        "polls/s": len(polled.took) / seconds,
        "poll p50 ms": percentile(polled.took, 0.5) * 1000,
        "poll p99 ms": percentile(polled.took, 0.99) * 1000,
        "polls refused": polled.refused,
        "connections opened again": polled.reopened,
    }


def _written(outcome: Outcome) -> dict[str, float | None]:
    return {
        "webhook p50 ms": percentile(outcome.posts, 0.5) * 1000,
        "webhook p99 ms": percentile(outcome.posts, 0.99) * 1000,
        "answer p50 ms": outcome.latency(0.5),
        "answer p99 ms": outcome.latency(0.99),
        "refused": outcome.refused,
        "lost": outcome.lost,
        "web CPU ms a message": outcome.cpu_ms("web"),
        "others' CPU, % of a core": outcome.others,
    }
