"""The tag ``now``: zones, formats and shifts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from permabots.engine.templates.now import moved
from permabots.engine.templates.tables.formats import MAX_FORMAT
from permabots.exceptions import TemplateError
from tests.engine.templates.rendering import keyboard_source, text, url

WINTER = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
BEFORE_SUMMER_TIME = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("utc", "2026-01-31 23:30 +0000"),
        ("UTC", "2026-01-31 23:30 +0000"),
        ("Europe/Madrid", "2026-02-01 00:30 +0100"),
        ("+02:00", "2026-02-01 01:30 +0200"),
        ("-0330", "2026-01-31 20:00 -0330"),
        ("+05", "2026-02-01 04:30 +0500"),
    ],
)
def test_a_zone_is_a_name_or_an_offset(zone: str, expected: str) -> None:
    assert moved(WINTER, zone).strftime("%Y-%m-%d %H:%M %z") == expected


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(("shift", "expected"), [("", "08:30"), ("days=1", "08:30"), ("hours=1", "09:30")])
def test_local_is_the_zone_of_the_process(shift: str, expected: str) -> None:
    assert moved(WINTER, "local", shift).strftime("%H:%M %z") == f"{expected} +0900"


@pytest.mark.parametrize(
    ("shift", "sign", "expected"),
    [
        ("hours=2,minutes=30", 1, "2026-02-01T02:00:00"),
        ("hours=2, minutes=30", -1, "2026-01-31T21:00:00"),
        ("hours=-1", -1, "2026-02-01T00:30:00"),
        ("seconds=0.5", 1, "2026-01-31T23:30:00.500000"),
        ("weeks=1,days=1", 1, "2026-02-08T23:30:00"),
        ("months=1", 1, "2026-02-28T23:30:00"),
        ("years=2,months=1", 1, "2028-02-29T23:30:00"),
        ("months=11", -1, "2025-02-28T23:30:00"),
        ("", 1, "2026-01-31T23:30:00"),
    ],
)
def test_a_shift_moves_the_moment(shift: str, sign: int, expected: str) -> None:
    assert moved(WINTER, "utc", shift, sign) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(("shift", "expected"), [("days=1", "12:00 +0200"), ("hours=24", "13:00 +0200")])
def test_a_day_keeps_the_time_of_day_when_the_clocks_change_and_24_hours_do_not(shift: str, expected: str) -> None:
    assert moved(BEFORE_SUMMER_TIME, "Europe/Madrid", shift).strftime("%H:%M %z") == expected


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "/etc/passwd", "../x", "Europe", "a\x00b", "\ud800", "+25"])
def test_a_zone_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(TemplateError):
        text("{% now zone %}", zone=zone)


@pytest.mark.parametrize(
    "shift", ["hours", "fortnights=1", "hours=x", "months=0.5", "years=99999", "days=999999999", "weeks=999999999"]
)
def test_a_shift_that_cannot_be_made_is_refused(shift: str) -> None:
    with pytest.raises(TemplateError, match="now: "):
        text("{% now 'utc' + shift %}", shift=shift)


def test_the_format_is_a_date_by_default() -> None:
    before = datetime.now(UTC).date()
    assert before <= datetime.strptime(text("{% now 'utc' %}"), "%Y-%m-%d").replace(tzinfo=UTC).date()


def test_a_format_can_be_given() -> None:
    assert text("{% now 'utc', '<b>%Z</b>' %}") == "<b>UTC</b>"


def test_a_format_that_is_a_value_is_escaped() -> None:
    assert text("{% now 'utc', form %}", form="<b>%Z</b>") == "&lt;b&gt;UTC&lt;/b&gt;"


def test_a_format_of_the_author_stands_as_it_is_in_a_url_too() -> None:
    assert url("http://x/{% now 'utc', 'at/%Z' %}") == "http://x/at/UTC"


def test_a_format_of_the_author_stands_as_it_is_in_a_keyboard_too() -> None:
    assert keyboard_source("['{% now 'utc', '%Z:1' %}']") == "['UTC:1']"


@pytest.mark.parametrize("operator", ["+", "-"])
def test_a_shift_is_added_or_subtracted(operator: str) -> None:
    year = int(text("{% now 'utc', '%Y' %}"))
    shifted = int(text("{% now 'utc' " + operator + " 'years=1000', '%Y' %}"))
    assert abs(shifted - year) in {999, 1000, 1001}
    assert (shifted > year) == (operator == "+")


def test_it_is_a_filter_too() -> None:
    assert text("{{ 'utc'|now('%Z') }}") == "UTC"


def test_a_format_is_of_a_bounded_length() -> None:
    with pytest.raises(TemplateError, match="longer than"):
        text("{% now 'utc', form %}", form="%Y" * MAX_FORMAT)
