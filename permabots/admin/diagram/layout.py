"""Boxes in columns, and curves between them: a small layered layout of a state diagram.

States are in the columns 0, 2, 4…, by how far they are from the start. Between them are boxes with the handlers that
lead from one state to another, so that the names of two of them never lie upon each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WIDTH = 210
"""Width of the widest box. All lengths are in the units of the drawing: pixels where it is not scaled."""
LINE = 17
"""Height of a line of text."""
PAD = 8
GAP_X = 34
GAP_Y = 20
SWEEPS = 6
"""How often each column is sorted by its neighbours."""


@dataclass(slots=True)
class Box:
    """A box of the drawing.

    Args:
        key: its name in the drawing.
        lines: how many lines of text are in it.
        column: the number of its column, from the left.
        x: its left edge.
        y: its upper edge.
        width: its width, which is that of its column.
    """

    key: str
    lines: int
    column: int = 0
    x: int = 0
    y: int = 0
    width: int = WIDTH

    @property
    def height(self) -> int:
        return self.lines * LINE + 2 * PAD

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def shift(self) -> int:
        """How far above the middle of a state curves arrive, and how far below they leave."""
        return 0 if self.column % 2 else LINE // 2


@dataclass(frozen=True, slots=True)
class Bundle:
    """The handlers that lead from one state to another, in one box.

    Args:
        key: the key of the box.
        source: the key of the state it begins at.
        target: the key of the state it leads to, another one.
        lines: the lines of text in the box.
    """

    key: str
    source: str
    target: str
    lines: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing.

    Args:
        boxes: by their keys.
        curves: key of a bundle -> its two paths, into its box and on to its target.
        width: the width of the whole drawing.
        height: the height of the whole drawing.
    """

    boxes: Mapping[str, Box]
    curves: Mapping[str, tuple[str, str]]
    width: int
    height: int


@dataclass(slots=True)
class _Columns:
    boxes: dict[str, Box]
    links: dict[str, list[str]] = field(default_factory=dict)

    def link(self, one: str, other: str) -> None:
        self.links.setdefault(one, []).append(other)
        self.links.setdefault(other, []).append(one)

    def ordered(self) -> list[list[Box]]:
        """Return the columns, each in an order in which few curves cross."""
        columns: list[list[Box]] = [[] for _ in range(1 + max(box.column for box in self.boxes.values()))]
        for box in self.boxes.values():
            columns[box.column].append(box)
        place = {box.key: _share(column, index) for column in columns for index, box in enumerate(column)}
        for _ in range(SWEEPS):
            for column in columns:
                column.sort(key=lambda box: self._pull(box, place))
                place.update({box.key: _share(column, index) for index, box in enumerate(column)})
        return columns

    def _pull(self, box: Box, place: Mapping[str, float]) -> float:
        near = self.links.get(box.key)
        return sum(place[key] for key in near) / len(near) if near else place[box.key]


def _share(column: Sequence[Box], index: int) -> float:
    return (index + 0.5) / len(column)


def layout(
    start: str, states: Mapping[str, int], bundles: Sequence[Bundle], widths: Mapping[str, int] | None = None
) -> Drawing:
    """Return the drawing: the place of each box, and the curves.

    Args:
        start: the key of the state that is in the first column.
        states: key of each state, the start included -> lines of its box.
        bundles: the handlers between states.
        widths: key of a state or bundle -> width of its text; the widest box where a key is missing.
    """
    layers = _layers(start, states, bundles)
    columns = _Columns({key: Box(key, lines, 2 * layers[key]) for key, lines in states.items()})
    for bundle in bundles:
        layer = min(layers[bundle.source], layers[bundle.target])
        columns.boxes[bundle.key] = Box(bundle.key, bundle.lines, 2 * layer + 1)
        columns.link(bundle.source, bundle.key)
        columns.link(bundle.key, bundle.target)
    for key, width in (widths or {}).items():
        columns.boxes[key].width = min(width + 2 * PAD, WIDTH)
    width, height = _place(columns.ordered())
    return Drawing(columns.boxes, {it.key: _curves(it, columns.boxes) for it in bundles}, width, height)


def _layers(start: str, states: Iterable[str], bundles: Sequence[Bundle]) -> dict[str, int]:
    """Return each state's distance from the start; a state that nothing leads to counts as one step away."""
    leads: dict[str, set[str]] = {}
    for bundle in bundles:
        leads.setdefault(bundle.source, set()).add(bundle.target)
    found = {start: 0}
    for root in (start, *states):
        if root in found and root != start:
            continue  # and what it leads to
        queue = [root]
        found.setdefault(root, 1)
        for key in queue:
            new = sorted(leads.get(key, set()) - found.keys())
            found.update(dict.fromkeys(new, found[key] + 1))
            queue += new
    return found


def _place(columns: Sequence[Sequence[Box]]) -> tuple[int, int]:
    """Give each box its place, columns centred; returns the size of all."""
    heights = [sum(box.height + GAP_Y for box in column) for column in columns]
    x = PAD
    for column, height in zip(columns, heights, strict=True):
        y, width = PAD + (max(heights) - height) // 2, max((box.width for box in column), default=0)
        for box in column:
            box.x, box.y, box.width = x, y, width
            y += box.height + GAP_Y
        x += width + GAP_X
    return x - GAP_X + PAD, max(heights) + 2 * PAD


def _curves(bundle: Bundle, boxes: Mapping[str, Box]) -> tuple[str, str]:
    source, label, target = boxes[bundle.source], boxes[bundle.key], boxes[bundle.target]
    enters_left = source.column < label.column
    leaves_right = label.column < target.column
    return (
        _curve(source, 1 if enters_left else -1, label, -1 if enters_left else 1),
        _curve(label, 1 if leaves_right else -1, target, -1 if leaves_right else 1),
    )


def _curve(one: Box, side: int, other: Box, other_side: int) -> str:
    """Return the path from a side of a box to a side of another: 1 for the right one, -1 for the left."""
    x, end = (box.x + (box.width if right > 0 else 0) for box, right in ((one, side), (other, other_side)))
    leaves, arrives = one.middle + one.shift, other.middle - other.shift
    bend = max(GAP_X // 2, abs(end - x) // 2)
    return f"M {x} {leaves} C {x + side * bend} {leaves}, {end + other_side * bend} {arrives}, {end} {arrives}"
