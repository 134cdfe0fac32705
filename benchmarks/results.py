"""What was measured, over all rounds: kept by part, row and column, written as tables and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OURS = "ours"


@dataclass(slots=True)
class Figure:
    """One figure, of every round.

    Args:
        part: the part of the benchmarks.
        row: what was measured.
        column: which figure of it, with its unit.
        values: by whose they are, one a round.
    """

    part: str
    row: str
    column: str
    values: dict[str, list[float]] = field(default_factory=dict)


@dataclass(slots=True)
class Results:
    """All figures, in the order in which they were first measured.

    Args:
        about: the machine, the versions and the options.
    """

    about: Mapping[str, str] = field(default_factory=dict)
    figures: dict[tuple[str, str, str], Figure] = field(default_factory=dict)

    def add(self, part: str, row: str, figures: Mapping[str, float | None], whose: str = OURS) -> None:
        """Add what a round has measured.

        Args:
            part: the part of the benchmarks.
            row: what was measured.
            figures: by column; None for a figure that could not be had this time.
            whose: the tree's name.
        """
        for column, value in figures.items():
            figure = self.figures.setdefault((part, row, column), Figure(part, row, column))
            if value is not None:
                figure.values.setdefault(whose, []).append(value)

    def take_in(self, other: Results) -> None:
        """Add the figures of another run as further rounds."""
        self.about = {**self.about, **other.about}
        for (part, row, column), figure in other.figures.items():
            for whose, values in figure.values.items():
                for value in values:
                    self.add(part, row, {column: value}, whose)

    def lines(self) -> Iterator[str]:
        """Yield everything as lines of text."""
        for part, table in self.tables():
            yield f"\n== {part}\n"
            yield from aligned(table)
        yield ""
        yield from (f"{name}: {value}" for name, value in self.about.items())

    def markdown(self) -> Iterator[str]:
        """Yield everything as lines of Markdown."""
        for name, value in self.about.items():
            yield f"* {name}: {value}"
        for part, (head, *rows) in self.tables():
            yield f"\n## {part}\n"
            yield _markdown_row(head)
            yield _markdown_row(["---", "---", *["---:"] * (len(head) - 2)])
            yield from map(_markdown_row, rows)

    def tables(self) -> Iterator[tuple[str, list[list[str]]]]:
        """Yield each part's name and table, whose first row is its head."""
        for part in dict.fromkeys(figure.part for figure in self.figures.values()):
            figures = [figure for figure in self.figures.values() if figure.part == part]
            names = list(dict.fromkeys(name for figure in figures for name in figure.values))
            head = ["what", "figure", *names, *(f"{names[0]} / {other}" for other in names[1:])]
            yield part, [head, *(_row(figure, names) for figure in figures)]

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        figures = [
            {"part": each.part, "row": each.row, "column": each.column, "values": each.values}
            for each in self.figures.values()
        ]
        path.write_text(json.dumps({"about": dict(self.about), "figures": figures}, indent=1) + "\n")


def loaded(path: Path) -> Results:
    """Return what `Results.save` has written."""
    told: dict[str, Any] = json.loads(path.read_text())
    results = Results(told["about"])
    for each in told["figures"]:
        results.figures[each["part"], each["row"], each["column"]] = Figure(**each)
    return results


def aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table as lines, the first two columns to the left."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = zip(row, widths, strict=True)
        yield "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width) for place, (cell, width) in enumerate(cells)
        ).rstrip()


def shown(values: Sequence[float]) -> str:
    """Return the median of some values and their range."""
    if not values:
        return "-"
    middle, lowest, highest = (_number(value) for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} [{lowest}-{highest}]" if len(values) > 1 else middle


def _row(figure: Figure, names: Sequence[str]) -> list[str]:
    cells = [shown(figure.values.get(name, [])) for name in names]
    return [figure.row, figure.column, *cells, *(_ratio(figure, names[0], other) for other in names[1:])]


def _ratio(figure: Figure, first: str, second: str) -> str:
    """Return how often the median of the second is in that of the first."""
    above, below = (figure.values.get(name, []) for name in (first, second))
    return f"{statistics.median(above) / statistics.median(below):.2f}" if above and any(below) else "-"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
