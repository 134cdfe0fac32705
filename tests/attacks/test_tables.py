"""The tables are well-formed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from tests.attacks.__main__ import TABLES
from tests.attacks.entries import FAULTS, read, text_of
from tests.attacks.rooms import ROOMS, calls, webhooks
from tests.attacks.rooms.templates import KINDS

TEMPLATES = read("templates")
SOURCES = "\n".join(entry.source for entry in TEMPLATES)


def test_every_table_has_its_room() -> None:
    assert set(TABLES) == set(ROOMS)


@pytest.mark.parametrize("room", TABLES)
def test_names_are_unique_in_their_room(room: str) -> None:
    assert [name for name, count in Counter(entry.name for entry in read(room)).items() if count > 1] == []


@pytest.mark.parametrize(
    ("room", "kinds"), [("patterns", ("pattern",)), ("webhooks", webhooks.KINDS), ("calls", calls.KINDS)]
)
def test_a_room_tries_all_its_kinds_and_no_other(room: str, kinds: tuple[str, ...]) -> None:
    assert {entry.kind for entry in read(room)} == set(kinds)


def test_a_pattern_of_the_table_fits_its_column() -> None:
    """It would be refused for its length, and nothing else of it be tried."""
    entries = [(entry.name, entry.source.split(entry.data or None)) for entry in read("patterns")]
    assert [name for name, patterns in entries if max(map(len, patterns)) > 255] == []


@pytest.mark.parametrize("room", ["webhooks", "calls"])
def test_it_is_said_how_often_a_call_is_made(room: str) -> None:
    assert [entry.name for entry in read(room) if not 1 <= int(entry.message) <= 100] == []


def test_the_table_of_templates_is_large_and_tries_every_fault_in_every_kind() -> None:
    assert len(TEMPLATES) >= 190
    assert {entry.kind for entry in TEMPLATES} == set(KINDS)
    assert {entry.fault for entry in TEMPLATES} == set(FAULTS)
    assert {entry.kind for entry in TEMPLATES if entry.fault == "reach"} == set(KINDS)


def test_nothing_is_longer_than_its_door_lets_through() -> None:
    """It would be refused for its length, and nothing else of it be tried."""
    assert [entry.name for entry in TEMPLATES if len(entry.source) > 50_000 or len(entry.message) > 4096] == []


def test_every_filter_and_every_test_of_jinja_is_tried() -> None:
    words = set(re.findall(r"(?:[|']|filter |is |is not )([a-z]+)", SOURCES))
    assert {name for name in {*FILTERS, *TESTS} if name.isidentifier()} - words - {"count", "escape"} == set()


def test_every_statement_is_tried() -> None:
    words = set(re.findall(r"\{%-? ?([a-z]+)", SOURCES))
    statements = "autoescape block call extends filter for from if import include macro now raw set with"
    assert set(statements.split()) - words == set()


@pytest.mark.parametrize("kind", [str, dict, list])
def test_every_method_is_tried(kind: type) -> None:
    names = [name for name in dir(kind) if not name.startswith("_")]
    assert [name for name in names if f".{name}" not in SOURCES] == []


def test_a_line_may_hold_several_entries(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text('[text]\na = { fault = "time", each = ["b", ["c", ["d", 2]]], message = "x" }\n')
    entries = read("odd", tmp_path)
    assert [(entry.name, entry.source, entry.message) for entry in entries] == [
        ("text/a.1", "b", "x"),
        ("text/a.2", "cdd", "x"),
    ]


def test_long_texts_have_a_short_form() -> None:
    assert text_of(["a", ["b§", 3], [["c", ["d", 2]], 2]]) == "ab0b1b2cddcdd"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('a = { fault = "time", source = 1 }', "neither a text nor a list"),
        ('a = { fault = "time", source = ["x", ["y"]], more = 1 }', "unexpected keyword"),
        ('a = { fault = "luck", source = "" }', "no fault 'luck'"),
        ('a = { fault = "time" }', "missing 1 required"),
        ('a = { fault = "time", source = "" }\na = { fault = "time", source = "" }', "overwrite|redefine|duplicate"),
    ],
)
def test_a_line_that_is_not_well_formed_is_refused(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "odd.toml").write_text(f"[text]\n{line}\n")
    with pytest.raises(ValueError, match=problem):
        read("odd", tmp_path)
