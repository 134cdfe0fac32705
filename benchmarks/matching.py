"""What finding a handler costs, by the number of handlers.

Run: python -m benchmarks.matching

Of the handlers 80% are commands anchored at both ends, 10% have groups, 5% answer in one of ten states, and 5% have
what RE2 does not know (lookaheads, lookbehinds, backreferences). The yardstick, in the same run, is the plain loop:
``pattern.search(text)`` of Python's `re`, one handler after another, with the same check of the state. The chat is in
a state that some handlers are bound to, so both sets of patterns are asked. A fresh text is one not seen before, as
most messages are, after as many others: RE2 learns from texts, and is quickest on those it knows.
Times are those of the processor, so that other programs do not count.
"""

from __future__ import annotations

import re
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import psutil

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition
from permabots.engine.matching import Matcher

SIZES = (10, 100, 1_000, 10_000)
STATE = "3"
TIMEOUT = 0.25
BATCHES = 51
BATCH_SECONDS = 0.005
FRESH = 2_000
CHUNK = 20
HARD = (r"^/{0}(?= now\b)", r"(?<!not )\bplease {0}\b", r"^(\w+) \1 {0}$", r"^(?=.*\bpay\b).*{0}")
Find: TypeAlias = Callable[[str], object]
COLUMNS = ("no match", "first", "last", "no match, fresh")


def word(index: int) -> str:
    """Return letters that no other index has."""
    return (word(index // 12 - 1) if index >= 12 else "") + "etaoinshrdlu"[index % 12]


def handler(index: int) -> HandlerDefinition:
    """Return the handler at one place of the mix."""
    place, states, name = index % 10, frozenset[str](), word(index * 7919 + 1000)
    if place < 8:
        pattern = rf"^/{name}$"
    elif place == 8:
        commands = rf"^/{name} (?P<amount>\d+)(?: (?P<note>.*))?$", rf"(?i)\b{name} to (?P<who>\w+)"
        pattern = commands[index // 10 % 2]
    elif index // 10 % 2:
        pattern = HARD[index // 20 % len(HARD)].format(name)
    else:
        pattern, states = rf"^{name}\b", frozenset({str(index // 20 % 10)})
    return HandlerDefinition(str(index), name, pattern, ResponseDefinition("ok"), source_states=states)


def bot(count: int) -> list[HandlerDefinition]:
    """Return so many handlers of the mix, first and last a command."""
    return [*map(handler, range(count - 1)), handler(count * 10)]


def plain_loop(handlers: Sequence[HandlerDefinition]) -> Find:
    """Return the yardstick: every pattern in turn."""
    pairs = [(re.compile(each.pattern), each.source_states) for each in handlers]

    def find(text: str) -> object:
        for pattern, states in pairs:
            if (not states or STATE in states) and (match := pattern.search(text)):
                return match.groupdict()
        return None

    return find


def ours(handlers: Sequence[HandlerDefinition]) -> Find:
    """Return what is measured."""
    matcher = Matcher(handlers, timeout=TIMEOUT)
    return lambda text: matcher.find(text, STATE)


def batch(find: Find, texts: Sequence[str]) -> float:
    """Return the microseconds of processor time of one call, on average over some texts."""
    started = time.thread_time()
    for text in texts:
        find(text)
    return (time.thread_time() - started) / len(texts) * 1e6


def fresh_texts() -> Iterator[str]:
    """Return sentences of which no two are the same."""
    for number in range(2 * FRESH):
        yield " ".join(word(number * 7 + place * place * 31) for place in range(8))


def repeated(find: Find, text: str) -> list[str]:
    """Return a text as often as it can be searched in the time of a batch, once all is ready."""
    quickest = min(batch(find, [text]) for _ in range(9))
    return [text] * max(1, int(BATCH_SECONDS * 1e6 / quickest))


def measure(finds: dict[str, tuple[Find, Sequence[HandlerDefinition]]]) -> dict[str, list[float]]:
    """Return the cost of each column by name: the middle one of the batches, which take turns on a busy machine."""
    batches: dict[tuple[str, int], tuple[Find, list[str]]] = {}
    for name, (find, handlers) in finds.items():
        first, last = (each.pattern.strip("^$") for each in (handlers[0], handlers[-1]))
        for column, text in enumerate(("what is the weather like in Lisbon?", first, last)):
            batches[name, column] = find, repeated(find, text)
    rounds = [{key: batch(*each) for key, each in batches.items()} for _ in range(BATCHES)]
    found = {name: [statistics.median(each[name, column] for each in rounds) for column in range(3)] for name in finds}
    for name, (find, _) in finds.items():
        texts = list(fresh_texts())
        chunks = [batch(find, texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
        found[name].append(statistics.median(chunks[len(chunks) // 2 :]))
    return found


def compiled(count: int) -> Matcher:
    """Make a bot ready and print what that takes."""
    handlers, process = bot(count), psutil.Process()
    before, started = process.memory_info().rss, time.perf_counter()
    matcher = Matcher(handlers, timeout=TIMEOUT)
    matcher.find("/", STATE)
    first, started = time.perf_counter() - started, time.perf_counter()
    Matcher(handlers, timeout=TIMEOUT)
    again = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    grown = (process.memory_info().rss - before) / 2**20
    print(f"{count:,} handlers made ready in {first:.2f} s, once more (a new revision) in {again:.2f} s;")
    print(f"memory grew by {grown:.0f} MiB, two such bots included; peak of the process {peak:.0f} MiB\n")
    return matcher


def row(name: str, values: Sequence[object]) -> None:
    """Print one line of the table."""
    print(f"{name:<24}" + "".join(f"{value:>18}" for value in values))


def found() -> dict[str, list[float]]:
    """Return the microseconds of each column, by the number of handlers and who looked."""
    finds: dict[str, tuple[Find, Sequence[HandlerDefinition]]] = {}
    for count in SIZES:
        handlers = bot(count)
        finds[f"{count:>6,} permabots"] = ours(handlers), handlers
        finds[f"{count:>6,} plain loop"] = plain_loop(handlers), handlers
    return measure(finds)


def main() -> None:
    """Print the tables."""
    compiled(SIZES[-1])
    costs = found()
    row("microseconds of CPU", COLUMNS)
    for name, values in costs.items():
        row(name, [f"{value:.1f}" for value in values])
    pairs = zip(costs[f"{SIZES[-1]:>6,} permabots"], costs[f"{SIZES[0]:>6,} permabots"], strict=True)
    row(f"{SIZES[-1]:,} against {SIZES[0]}", [f"{many / few:.2f}" for many, few in pairs])


if __name__ == "__main__":
    main()
