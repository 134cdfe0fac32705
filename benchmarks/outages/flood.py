"""One chat is under ``retry_after`` while others talk: they must not notice."""

from __future__ import annotations

import time
from collections.abc import Iterable

from benchmarks.outages.flush import check
from benchmarks.outages.house import House, opened
from benchmarks.outages.result import Result, Row, percentile, seconds
from benchmarks.outages.stand import Size, Stand
from benchmarks.outages.talk import Talk
from permabots.testing import Call, Fault, FaultKind

FLOODED = 1000
RETRY_AFTER = 5.0
BETWEEN = 5.0
"""Seconds from one message of a person to the next."""
ALLOWED = (1.5, 0.1)
"""The others' p95 may be so many times what it is without a flooded chat, and so many seconds more."""


def flood(stand: Stand, size: Size) -> Result:
    """Measure the others' answers without and with a flooded chat, at Telegram's own rates."""
    result = Result()
    found: dict[str, list[float]] = {}
    for name, flooded in (("nobody flooded", False), ("one chat flooded", True)):
        with opened(stand, size, {}) as house:
            house.start_workers()
            found[name] = _talk(house, flooded, result)
            if flooded:
                _check_gap(house, result)
    head = (f"answers to {size.chats} other chats", "count", "p50", "p95", "slowest")
    result.tables.insert(0, (head, [_row(name, took) for name, took in found.items()]))
    without, with_ = (percentile(took, 0.95) for took in found.values())
    times, more = ALLOWED
    result.promise_soon(f"the others' p95 is at most {times:g} times {without:.2f} s", with_ <= times * without + more)
    return result


def _talk(house: House, flooded: bool, result: Result) -> list[float]:
    """Have everybody talk, the flooded chat too; returns the others' latencies."""
    size = house.size
    chats = range(1, size.chats + 1)
    others, one = Talk(house, chats), Talk(house, [FLOODED])
    others.say_all(size.chats)  # conversations are made, processes are warm
    others.wait()
    if flooded:
        house.stand.telegram.add_fault(
            Fault(FaultKind.TOO_MANY_REQUESTS, "sendMessage", FLOODED, count=1, seconds=RETRY_AFTER, enforce=True)
        )
    began = time.monotonic()
    for place in range(size.rounds * size.chats):
        time.sleep(max(0.0, began + place * BETWEEN / size.chats - time.monotonic()))
        if flooded and place % size.chats in (0, size.chats // 2):
            one.say(FLOODED)
        others.say(chats[place % size.chats])
    for name, talk in (("others", others), ("flooded chat", one)):
        check(result, talk.wait(), name)
    return [took for (_, number), took in others.settle().latencies.items() if number > 0]


def _check_gap(house: House, result: Result) -> None:
    """Show when the flooded chat was called, and check that it was left alone."""
    calls = [call for call in house.stand.telegram.calls() if _is_for(call, FLOODED)]
    refused = next((call.monotonic for call in calls if call.status == 429), None)
    result.promise("the flooded chat is refused once", sum(call.status == 429 for call in calls) == 1)
    if refused is None:
        return
    following = [call.monotonic - refused for call in calls if call.monotonic > refused]
    gap = min(following, default=0.0)
    violations = house.stand.telegram.violations()
    result.table(
        ("the flooded chat", ""),
        [
            ("retry_after", seconds(RETRY_AFTER)),
            ("next call after the refusal", seconds(gap)),
            ("calls before that", len(violations)),
            ("messages sent to it, all in all", sum(call.status == 200 for call in calls)),
        ],
    )
    result.promise(f"the flooded chat gets nothing for {RETRY_AFTER:g} s ({gap:.2f} s)", gap >= RETRY_AFTER)
    result.promise("no call comes before retry_after is over", not violations)


def _is_for(call: Call, chat: int) -> bool:
    return call.method.lower() == "sendmessage" and str(call.arguments.get("chat_id")) == str(chat)


def _row(name: str, took: Iterable[float]) -> Row:
    values = list(took)
    return name, len(values), *(seconds(percentile(values, share)) for share in (0.5, 0.95, 1.0))
