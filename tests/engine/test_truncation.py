"""JSON made short enough to be kept with every message."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permabots.engine.redaction import HIDDEN, Redactor
from permabots.engine.truncation import MAX_ITEMS, MAX_SIZE, MAX_TEXT, summarized
from permabots.values import Json, storable

NOTHING = Redactor()

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("value", [None, True, False, 0, 1.5, "", "text", [], {}, [1, ["a"]], {"a": {"b": None}}])
def test_what_is_short_stays_as_it_is(value: Json) -> None:
    assert summarized(value, NOTHING) == value


def test_a_long_text_is_cut_with_the_number_of_characters_left_out() -> None:
    assert summarized("x" * (MAX_TEXT + 7), NOTHING) == "x" * MAX_TEXT + "… (7 more characters)"


def test_a_long_list_is_cut_with_the_number_of_items_left_out() -> None:
    assert summarized([1] * (MAX_ITEMS + 3), NOTHING) == [1] * MAX_ITEMS + ["… 3 more"]


def test_a_long_object_is_cut_with_the_number_of_entries_left_out() -> None:
    short = summarized({str(n): n for n in range(MAX_ITEMS + 3)}, NOTHING)
    assert len(short) == MAX_ITEMS + 1
    assert short["…"] == "3 more"


def test_many_values_are_cut_wherever_they_are() -> None:
    wide = {str(n): [[{"a": "b"}] * MAX_ITEMS] * MAX_ITEMS for n in range(MAX_ITEMS)}
    assert len(json.dumps(summarized(wide, NOTHING))) < 10 * MAX_SIZE


def test_after_many_long_texts_nothing_of_further_ones_is_shown() -> None:
    short = summarized(["x" * MAX_TEXT] * 6, NOTHING)
    assert short[-2:] == [f"{'x' * (MAX_TEXT - 6)}… (6 more characters)", "… 1 more"]


def test_a_secret_is_hidden_in_texts_keys_and_numbers() -> None:
    value = {"my s3cret": ["s3cret!", 1], "pin": 12345, "f": 1.25, "t": (True, None)}
    assert summarized(value, Redactor(["s3cret", "12345", "1.25", "True"])) == {
        f"my {HIDDEN}": [f"{HIDDEN}!", 1],
        "pin": HIDDEN,
        "f": HIDDEN,
        "t": [True, None],
    }


def test_keys_of_the_frame_stay() -> None:
    assert summarized({"name": "name", "names": 1}, Redactor(["name"]), {"name"}) == {"name": HIDDEN, f"{HIDDEN}s": 1}


def test_no_part_of_a_secret_stays_where_a_text_is_cut() -> None:
    short = summarized("x" * (MAX_TEXT - 3) + "s3cret" + "y" * 50, Redactor(["s3cret"]))
    assert "s3c" not in short


def test_what_no_database_takes_is_replaced() -> None:
    assert summarized({"a\x00": ["\ud800"]}, NOTHING) == {"a\ufffd": ["\ufffd"]}


@settings(max_examples=50)
@given(VALUES)
def test_a_summary_is_storable_json_of_bounded_size(value: Json) -> None:
    short = summarized(value, NOTHING)
    assert json.loads(json.dumps(short)) == short == storable(short)
    assert len(json.dumps(short, ensure_ascii=False)) < 10 * MAX_SIZE
