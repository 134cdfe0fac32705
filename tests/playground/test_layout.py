"""The layout of the diagram: nothing lies upon anything, whatever leads where."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from permabots.admin.diagram.layout import WIDTH, Box, Bundle, Drawing, layout

KEYS = "sabcd"


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    pairs = [(one, other) for one in KEYS for other in KEYS if one != other]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    bundles = [Bundle(f"{one}{other}", one, other, draw(st.integers(1, 5))) for one, other in chosen]
    widths = {key: draw(st.integers(0, 400)) for key in (*KEYS, *(it.key for it in bundles))}
    return layout("s", {key: draw(st.integers(1, 4)) for key in KEYS}, bundles, draw(st.sampled_from([None, widths])))


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


@given(drawings())
def test_boxes_are_apart_and_inside(drawing: Drawing) -> None:
    boxes = list(drawing.boxes.values())
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    for box in boxes:
        assert 0 <= box.x <= box.x + box.width <= drawing.width
        assert box.width <= WIDTH
        assert 0 <= box.y <= box.y + box.height <= drawing.height


@given(drawings())
def test_a_curve_begins_and_ends_at_its_boxes(drawing: Drawing) -> None:
    for key, (first, second) in drawing.curves.items():
        for path, one, other in ((first, key[0], key), (second, key, key[1])):
            x, y, *_, end, end_y = map(int, re.findall(r"-?\d+", path))
            box, last = drawing.boxes[one], drawing.boxes[other]
            assert x - box.x in (0, box.width)
            assert end - last.x in (0, last.width)
            assert (y, end_y) == (box.middle + box.shift, last.middle - last.shift)


def test_states_stand_by_how_far_they_are_from_the_start() -> None:
    bundles = [Bundle("1", "s", "a", 1), Bundle("2", "a", "b", 1), Bundle("3", "b", "s", 1)]
    found = layout("s", {"s": 1, "a": 1, "b": 1, "alone": 1}, bundles).boxes
    assert {key: found[key].column for key in ("s", "a", "b", "alone", "1", "2", "3")} == {
        **{"s": 0, "a": 2, "b": 4, "alone": 2},
        **{"1": 1, "2": 3, "3": 1},
    }
