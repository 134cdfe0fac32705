"""``stored``: a message's cost where the bot has answered a hundred messages before, and a million."""

from __future__ import annotations

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


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure two installations in turn, one of which has stored much."""
    stored = STORED // 100 if options.quick else STORED
    sites = {count: installed(servers, options.trees[0], f"stored_{count}") for count in (100, stored)}
    bots = {}
    for count, site in sites.items():
        with site.at_work() as work:
            bots[count] = site.make_bot()
            warm_up(work, bots[count])
        if count > 100:
            store(site, bots[count], count - 100)
    for place in range(options.rounds):
        for count, site in sites.items():
            with site.at_work() as work:
                warm_up(work, bots[count])
                results.add(PART, f"{count:,} stored", saturated(talk(work, bots[count], options.messages)))
            with site.at_work(workers=0) as work:
                alone = turns(work, bots[count], 300, CHAT + place * 1_000)
                results.add(PART, f"{count:,} stored, a turn alone", alone)
        options.say(PART)


def store(site: Installation, bot: BotAddress, count: int) -> None:
    """Copy an answered message, over a hundredth as many chats.

    Args:
        site: whose database it is.
        bot: which has answered a message.
        count: how often.
    """
    chats = max(1, count // 100)
    with psycopg.connect(site.database_url) as connection:
        base = {
            name: _one(connection, f"SELECT max(id) FROM permabots_{name}")
            for name in ("conversation", "inboundmessage", "outboundmessage", "chat")
        }
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


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    return (row[0] if row else 0) or 0
