"""The metrics of two workers, against the account of the rows."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import psutil
import requests
from django.db.models import F, Sum
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.outages.flush import check
from benchmarks.outages.house import UNLIMITED, House, opened
from benchmarks.outages.result import Result
from benchmarks.outages.stand import Size, Stand
from benchmarks.outages.talk import Talk
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.testing import Fault, FaultKind

Counts = Counter[tuple[str, str]]
"""(what is counted, its outcome) -> how many."""
NAMES = {
    "permabots_messages_accepted_total": "accepted",
    "permabots_turns_total": "turns",
    "permabots_sends_total": "sends",
}
TRIES = {"retry"}
"""Outcomes of tries, which are no end of a row."""
SHORT = {"PERMABOTS_SEND_TIMEOUT": "3", "PERMABOTS_REQUEST_TIMEOUT": "3", "PERMABOTS_LEASE": "8"}
"""A killed child's conversation is free again soon."""
SLOW = Fault(FaultKind.SLOW, "sendMessage", probability=0.5, seconds=0.1)
"""Keeps children busy, so that kills hit them at work."""
SHARED = "metrics"
"""The folder that processes share."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the rows say.

    Args:
        ended: how many came to which end.
        attempts: how many turns and sends were begun beyond the first of each row.
    """

    ended: Counts
    attempts: Mapping[str, int]


def metrics(stand: Stand, size: Size) -> Result:
    """Compare the counters with the rows, without and with kills of workers' children."""
    result = Result()
    for kills in (0, size.kills):
        shared = stand.folder / SHARED
        shutil.rmtree(shared, ignore_errors=True)
        shared.mkdir(parents=True)
        variables = {**UNLIMITED, **SHORT, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
        with opened(stand, size, variables) as house:
            house.start_workers()
            _compare(house, kills, result)
    return result


def _compare(house: House, kills: int, result: Result) -> None:
    began = _scrape(house)
    talk = Talk(house, range(1, house.size.chats + 1))
    house.stand.telegram.add_fault(Fault(FaultKind.SERVER_ERROR, "sendMessage", after=20, count=5))
    house.stand.telegram.add_fault(SLOW)
    ended = threading.Event()
    talking = talk.keep_talking(house.size.rate, ended)
    killed = _kill(house, kills) if kills else time.sleep(house.size.away) or 0
    ended.set()
    talking.join()
    when = f"{killed} children killed" if kills else "no kills"
    check(result, talk.wait(), when)
    account = _settled(house.bot)
    counted = _scrape_until(house, account.ended, began)
    _report(result, when, killed, account, counted)


def _kill(house: House, kills: int) -> int:
    """Kill a child of some worker every second; returns how many were killed."""
    draw, killed = random.Random(1), 0  # noqa: S311 - repeatable, no secret
    for _ in range(kills):
        time.sleep(1.0)
        if children := psutil.Process(draw.choice(house.workers).process.pid).children():
            draw.choice(children).kill()
            killed += 1
    return killed


def _settled(bot: Bot, patience: float = 60.0) -> Account:
    """Wait until every row of a bot has come to an end, and count them."""
    inbound = InboundMessage.objects.filter(conversation__bot=bot)
    outbound = OutboundMessage.objects.filter(conversation__bot=bot)
    end = time.monotonic() + patience
    while (inbound.unfinished().exists() or outbound.unfinished().exists()) and time.monotonic() < end:
        time.sleep(0.1)
    ended: Counts = Counter({("accepted", ""): inbound.count()})
    attempts = {"accepted": 0}
    for name, rows in (("turns", inbound), ("sends", outbound)):
        ended.update((name, status) for status in rows.values_list("status", flat=True))
        more = rows.filter(attempts__gt=1).aggregate(more=Sum(F("attempts") - 1))["more"]
        attempts[name] = more or 0
    return Account(ended, attempts)


def _scrape(house: House) -> Counts:
    """Return the counters."""
    answer = requests.get(f"{house.site.url}/metrics", timeout=10)
    answer.raise_for_status()
    return Counter(
        {
            (NAMES[sample.name], sample.labels.get("outcome", "")): int(sample.value)
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name in NAMES
        }
    )


def _scrape_until(house: House, wanted: Counts, began: Counts, patience: float = 2.0) -> Counts:
    """Return the counters once they say what is wanted, or after a while: the last goes up after the last row."""
    end = time.monotonic() + patience
    while True:
        counted = _scrape(house)
        counted.subtract(began)
        if all(counted[key] == number for key, number in wanted.items()) or time.monotonic() > end:
            return counted
        time.sleep(0.1)


def _report(result: Result, when: str, killed: int, account: Account, counted: Counts) -> None:
    keys = sorted(account.ended.keys() | counted.keys())
    result.table(
        (f"Telegram, {when}", "rows", "further attempts", "metrics"),
        [
            (" ".join(key).strip(), "" if key[1] in TRIES else account.ended[key], _more(account, key), counted[key])
            for key in keys
        ],
    )
    for key in keys:
        if key[1] in TRIES:
            continue
        rows, number, more = account.ended[key], counted[key], account.attempts[key[0]]
        name = " ".join(key).strip()
        if killed:
            sentence = f"{when}: {name} is {rows}, and that or at most {more} more in the metrics ({number})"
            result.promise(sentence, rows <= number <= rows + more)
        else:
            result.promise(f"{when}: {name} is {rows} in the metrics ({number})", number == rows)


def _more(account: Account, key: tuple[str, str]) -> object:
    return account.attempts[key[0]] if key[1] in ("done", "sent") else ""
