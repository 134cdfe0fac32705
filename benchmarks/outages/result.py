"""What a scenario found: tables for people, and the promises that were broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Row = Sequence[object]


@dataclass(slots=True)
class Result:
    """What a scenario found.

    Args:
        tables: each a head and its rows.
        broken: promises about what happens that were not kept, a sentence each.
        late: promises about how soon, the same; on a busy machine they say little.
    """

    tables: list[tuple[Row, list[Row]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def table(self, head: Row, rows: Iterable[Row]) -> None:
        """Add a table."""
        self.tables.append((head, list(rows)))

    def promise(self, sentence: str, kept: bool) -> None:
        """Note a promise that was not kept."""
        if not kept:
            self.broken.append(sentence)

    def promise_soon(self, sentence: str, kept: bool) -> None:
        """Note a promise about time that was not kept."""
        if not kept:
            self.late.append(sentence)

    def lines(self) -> Iterator[str]:
        """Yield everything as lines of text."""
        for head, rows in self.tables:
            yield from _aligned([head, *rows])
            yield ""
        for sentence in (*self.broken, *self.late):
            yield f"BROKEN: {sentence}"
        if not self.broken and not self.late:
            yield "Every promise was kept."


def seconds(value: float) -> str:
    """Return a length of time as it is printed."""
    return f"{value:.2f} s"


def percentile(values: Iterable[float], share: float) -> float:
    """Return a value that so large a share of all does not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for first, *rest in texts:
        yield "  ".join(
            [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))]
        )
