"""``endtoend``: messages from the POST at the webhook to the answer at Telegram, through every process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.installation import UNLIMITED, AtWork, BotAddress
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.shapes import PLAIN, SHAPES, Shape
from benchmarks.stand import Servers
from benchmarks.subjects import PLAIN_HANDLERS, Subject, subjects
from benchmarks.traffic import Outcome, talk, warm_up

PART = "end to end"
RATE = 20.0
"""Messages a second of people who have not to wait for each other."""


def measure(servers: Servers, options: Options, results: Results) -> None:
    """Measure every shape in every round, each subject in turn; the yardstick knows one shape."""
    shapes = {name: shape for name, shape in SHAPES.items() if not options.shapes or name in options.shapes}
    handlers = {PLAIN_HANDLERS} | {shape.handlers for shape in shapes.values()}
    compared = subjects(servers, options, handlers)
    for number in range(options.rounds):
        for subject in compared[:: -1 if number % 2 else 1]:  # nobody is always first
            plain = {name: shape for name, shape in shapes.items() if name == PLAIN}
            _Round(subject, options, results).play(plain if subject.is_yardstick else shapes)
            options.say(f"{PART}: round {number + 1} of {options.rounds}, {subject.name}")


class _Round:
    """One round of one subject.

    Args:
        subject: who is measured.
        options: what was asked for.
        results: where it is noted.
    """

    def __init__(self, subject: Subject, options: Options, results: Results) -> None:
        self._subject, self._options, self._results = subject, options, results

    def play(self, shapes: Mapping[str, Shape]) -> None:
        """Measure the shapes; those with the same variables run in the same processes."""
        for variables in _distinct(shapes.values()):
            with self._subject.site.at_work(variables) as work:
                for bot in self._subject.bots.values():
                    warm_up(work, bot)
                for name, shape in shapes.items():
                    if shape.variables == variables:
                        self._saturate(work, name, shape)

    def _saturate(self, work: AtWork, name: str, shape: Shape) -> None:
        messages, bot = self._options.messages, self._subject.bots[shape.handlers]
        outcome = talk(work, bot, messages, chats=shape.chats or messages)
        self._note(name, saturated(outcome))
        if name == PLAIN and shape.variables == UNLIMITED and self._options.latencies:
            self._wait(work, bot, outcome.rate)

    def _wait(self, work: AtWork, bot: BotAddress, saturation: float) -> None:
        """Measure how long people wait."""
        seconds = self._options.seconds
        for name, rate in ((f"{RATE:g} a second", RATE), ("60% of saturation", 0.6 * saturation)):
            self._note(name, waiting(talk(work, bot, int(rate * seconds), rate=rate)))
        talk(work, bot, self._options.messages, watch_idle=False)
        self._note(f"{RATE:g} a second after a backlog", waiting(talk(work, bot, int(RATE * seconds), rate=RATE)))

    def _note(self, row: str, figures: Mapping[str, float | None]) -> None:
        self._results.add(PART, row, figures, self._subject.name)


def saturated(outcome: Outcome) -> dict[str, float | None]:
    """Return the figures of messages that came as fast as they were taken."""
    return {
        "messages/s": outcome.rate,
        "taken/s": outcome.count / outcome.posting,
        **{f"{name} CPU ms a message": outcome.cpu_ms(name) for name in ("worker", "web", "PostgreSQL", "Redis")},
        "worker CPU ms, until idle": outcome.worker_cpu * 1000 / outcome.count,
        "idle after s": outcome.idle,
        **{f"{name} a message": value / outcome.count for name, value in outcome.counted.items()},
        "lost": outcome.lost,
        "others' CPU, % of a core": outcome.others,
    }


def waiting(outcome: Outcome) -> dict[str, float | None]:
    """Return the figures of messages that came at a rate."""
    return {
        "rate/s": outcome.count / outcome.posting,
        **{f"p{share * 100:g} ms": outcome.latency(share) for share in (0.5, 0.95, 0.99)},
        "lost": outcome.lost,
        "others' CPU, % of a core": outcome.others,
    }


def _distinct(shapes: Iterable[Shape]) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []
    for shape in shapes:
        if shape.variables not in found:
            found.append(shape.variables)
    return found
