"""``stored``: a message's cost where the bot has answered a hundred messages before, and a million."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.handlers import copy_rows
from benchmarks.installation import BotAddress, Installation, installed
from benchmarks.options import Options
from benchmarks.parts.endtoend import saturated
from benchmarks.parts.turn import turns
from benchmarks.results import Results
from benchmarks.stand import Servers
from benchmarks.traffic import talk, warm_up

PART = "stored messages"
STORED = 1_000_000
CHAT = 900_000_000
TABLES = ("conversation", "inboundmessage", "outboundmessage", "chat")
SWEEP = """
import time
from permabots.pipeline.operating.sweep import due_conversations
due_conversations()
began = time.perf_counter()
for _ in range(20):
    due_conversations()
print((time.perf_counter() - began) * 50)
"""


@dataclass(frozen=True, slots=True)
class Past:
    """What a bot has stored before.

    Args:
        name: for people.
        messages: how many.
        chats: over how many.
    """

    name: str
    messages: int
    chats: int


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure installations in turn, which have stored little and much."""
    stored = STORED // 100 if options.quick else STORED
    pasts = (
        Past("100 stored", 100, 1),
        Past(f"{stored:,} stored", stored, stored // 100),
        Past(f"{stored:,} stored, each in a chat of its own", stored, stored),
    )
    sites = [(past, *_site(servers, options, past, place)) for place, past in enumerate(pasts)]
    for place in range(options.rounds):
        for past, site, bot in sites:
            with site.at_work() as work:
                warm_up(work, bot)
                results.add(PART, past.name, saturated(talk(work, bot, options.messages)))
                results.add(PART, past.name, {"sweep ms": float(site.site.manage("shell", "-v", "0", "-c", SWEEP))})
            with site.at_work(workers=0) as work:
                alone = turns(work, bot, 300, CHAT + place * 1_000)
                results.add(PART, f"{past.name}, a turn alone", alone)
        options.say(PART)


def _site(servers: Servers, options: Options, past: Past, place: int) -> tuple[Installation, BotAddress]:
    site = installed(servers, options.trees[0], f"stored_{place}")
    with site.at_work() as work:
        bot = site.make_bot()
        warm_up(work, bot)
    if past.messages > 100:
        store(site, bot, past.messages - 100, past.chats)
    options.say(f"{PART}: {past.name}; kB a row with its indexes: {_sizes(site)}")
    return site, bot


def store(site: Installation, bot: BotAddress, count: int, chats: int) -> None:
    """Copy an answered message.

    Args:
        site: whose database it is.
        bot: which has answered a message.
        count: how often.
        chats: over how many chats.
    """
    with psycopg.connect(site.database_url) as connection:
        base = {name: _one(connection, f"SELECT max(id) FROM permabots_{name}") for name in TABLES}
        mine = f"t.bot_id = '{bot.id}'"
        chat = {"chat_id": f"({CHAT} + 10000000 + n)::text"}
        # There are none where no rate is kept to and nobody has blocked a bot.
        copy_rows(connection, "permabots_chat", mine, chats, {"id": f"{base['chat']} + n", **chat})
        copy_rows(
            connection,
            "permabots_conversation",
            mine,
            chats,
            {"id": f"{base['conversation']} + n", "user_id": f"({CHAT} + n)::text", **chat},
        )
        place = f"{base['conversation']} + 1 + n % {chats}"
        copy_rows(
            connection,
            "permabots_inboundmessage",
            f"{mine} AND t.status = 'done'",
            count,
            {"id": f"{base['inboundmessage']} + n", "conversation_id": place, "external_id": "'old ' || n"},
        )
        copy_rows(
            connection,
            "permabots_outboundmessage",
            f"t.status = 'sent' AND t.inbound_id IN (SELECT id FROM permabots_inboundmessage t WHERE {mine})",
            count,
            {
                "id": f"{base['outboundmessage']} + n",
                "conversation_id": place,
                "inbound_id": f"{base['inboundmessage']} + n",
            },
        )
        for name in base:
            sequence = f"pg_get_serial_sequence('permabots_{name}', 'id')"
            connection.execute(f"SELECT setval({sequence}, max(id)) FROM permabots_{name}".encode())
    with psycopg.connect(site.database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _sizes(site: Installation) -> str:
    with psycopg.connect(site.database_url, autocommit=True) as connection:
        sizes = {
            name: _one(
                connection,
                f"SELECT pg_total_relation_size('permabots_{name}') / greatest(count(*), 1) FROM permabots_{name}",
            )
            for name in TABLES
        }
    return ", ".join(f"{name} {size / 1000:.2f}" for name, size in sizes.items())


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return (row[0] if row else 0) or 0
