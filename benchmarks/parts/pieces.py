"""``matching`` and ``sending``: two pieces of a turn by themselves, each beside other ways to do it."""

from __future__ import annotations

from benchmarks import matching, telegram_send
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stand import Servers


def match(_: Servers, options: Options, results: Results) -> None:
    """Find the handler of a text, and find it with a plain loop. It takes rounds of its own."""
    for name, values in matching.found().items():
        columns = (f"{column}, CPU us" for column in matching.COLUMNS)
        results.add("matching", name.strip(), dict(zip(columns, values, strict=True)))
    options.say("matching")


def send(_: Servers, options: Options, results: Results) -> None:
    """Send a message to Telegram in several ways."""
    for name, rounds in telegram_send.rounds(50 if options.quick else 300, options.rounds).items():
        for passed, used in rounds:
            results.add("sending", name, {"wall ms": passed, "CPU ms": used})
    options.say("sending")
