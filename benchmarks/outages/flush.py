"""Redis is emptied while messages wait: the sweep finds them."""

from __future__ import annotations

import time

from benchmarks.outages.house import House, opened
from benchmarks.outages.result import Result, seconds
from benchmarks.outages.stand import Size, Stand
from benchmarks.outages.talk import Answers, Talk


def redis_flush(stand: Stand, size: Size) -> Result:
    """Answer what waits once with its wake-ups, for reference, and once with Redis emptied before the workers start."""
    times: dict[str, float] = {}
    result = Result()
    for name, flushed in (("with their wake-ups", False), ("Redis emptied", True)):
        with opened(stand, size) as house:
            answers, times[name] = _answer(house, flushed)
            check(result, answers, name)
    reference, emptied = times.values()
    allowed = reference + 2 * size.sweep
    result.table(
        (f"{size.messages} messages wait in {size.chats} chats, workers start", "all answered after"),
        [
            *((name, seconds(took)) for name, took in times.items()),
            (f"allowed: two sweep intervals of {size.sweep:g} s more", seconds(allowed)),
        ],
    )
    result.promise_soon("with Redis emptied it takes two sweep intervals more at most", emptied <= allowed)
    return result


def _answer(house: House, flushed: bool) -> tuple[Answers, float]:
    talk = Talk(house, range(1, house.size.chats + 1))
    talk.say_all(house.size.messages)
    house.stand.telegram.wait_idle(60)
    if flushed:
        house.stand.redis.flush()
    began = time.monotonic()
    house.start_workers()
    answers = talk.wait()
    return answers, answers.last - began


def check(result: Result, answers: Answers, when: str) -> None:
    """Note what was lost, doubled or out of order."""
    result.promise(f"{when}: nothing is lost ({len(answers.lost)} of {answers.said} are)", not answers.lost)
    result.promise(f"{when}: answers come in order ({len(answers.disordered)} do not)", not answers.disordered)
