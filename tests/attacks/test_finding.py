"""What breaks a bound is found. What is tried is no template: a stand-in for the engine does what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks import hanging
from tests.attacks.entries import Entry
from tests.attacks.places import DirectPlace
from tests.attacks.report import line, summary
from tests.attacks.verdict import OUTSIDE, PROCESS_SECRET, Bounds, Canaries, Finding, Seen, reached

BOUNDS = Bounds(seconds=0.5, megabytes=20.0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectPlace]:
    canaries = Canaries(("secret-of-this-process", "secret-of-another"), tmp_path_factory.mktemp("attacks") / "marker")
    place = DirectPlace(
        canaries, {"MARKER": str(canaries.marker)}, BOUNDS, pool="prefork", evaluator="tests.attacks.stand_in:evaluate"
    )
    yield place
    place.end()


def attack(place: DirectPlace, source: str, **values: object) -> Finding:
    return place.attack(Entry("templates", f"text/{source}", "text", "reach", source, **values))  # type: ignore[arg-type]


def broken(place: DirectPlace, source: str, **values: object) -> list[str]:
    return attack(place, source, **values).broken(BOUNDS)


def test_what_is_harmless_breaks_nothing(place: DirectPlace) -> None:
    assert broken(place, "say hello") == []


@pytest.mark.parametrize("source", ["spin 0.7", "sleep 0.7"])
def test_what_runs_long_is_slow(place: DirectPlace, source: str) -> None:
    assert broken(place, source) == ["slow"]


def test_memory_counts_though_it_is_given_back(place: DirectPlace) -> None:
    finding = attack(place, "take 60000000")
    assert finding.broken(BOUNDS) == ["large"]
    assert 55 < finding.megabytes < 80


def test_what_ends_its_process_is_found_and_the_next_has_another(place: DirectPlace) -> None:
    assert broken(place, "die") == ["died"]
    assert broken(place, "say hello") == []


def test_what_hangs_is_ended_and_the_next_is_tried(place: DirectPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hanging, "PATIENCE", 1.0)
    finding = attack(place, "sleep 30")
    assert (finding.broken(BOUNDS), finding.outcome) == (["slow", "died"], "hung: ended after 1 s")
    assert broken(place, "say hello") == []


def test_an_error_that_nobody_meant_is_told(place: DirectPlace) -> None:
    assert broken(place, "fail MemoryError") == ["unforeseen"]


def test_code_that_was_run_is_found_once(place: DirectPlace) -> None:
    assert attack(place, "touch @MARKER@").reached == ["its code was run"]
    assert attack(place, "say hello").reached == []


def test_a_secret_of_the_process_is_found_where_only_the_author_is_told(place: DirectPlace) -> None:
    assert broken(place, f"tell {PROCESS_SECRET}") == ["reached"]


@pytest.mark.parametrize(
    "text",
    [
        "<class 'str'>",
        "&lt;class &#39;str&#39;&gt;",
        "%3Cclass%20%27str%27%3E",
        "<function m at 0x7f3a5c0e1d00>",
        "[<Cycler object at 0x7f3a5c0e1d00>]",
        "functools.partial(<built-in method center>)",
        "jinja2.utils.Cycler",
        "/usr/lib/python3/site-packages/x",
        "mappingproxy({})",
    ],
)
def test_what_python_writes_of_its_insides_is_found(tmp_path: Path, text: str) -> None:
    for seen in (Seen("", left=(text,)), Seen("", told=(f"error: {text}",))):
        assert reached(entry("{{ x }}"), seen, Canaries((), tmp_path / "marker"))


@pytest.mark.parametrize("text", ["<code class='a'>x</code>", "a method, a function", "0x12", "at 0 x", "Django's"])
def test_what_people_write_is_no_inside(tmp_path: Path, text: str) -> None:
    assert reached(entry("{{ x }}"), Seen("", left=(text,)), Canaries((), tmp_path / "marker")) == []


def test_what_the_source_says_may_be_quoted(tmp_path: Path) -> None:
    seen = Seen("", told=("'str' has no __globals__",))
    assert reached(entry("{{ x.__globals__ }}"), seen, Canaries((), tmp_path / "marker")) == []


@pytest.mark.parametrize(
    ("never", "left", "found"),
    [("<b>", "a<b>c", True), ("=b", "abc", False), ("=b", "b", True), ("<b>", "&lt;b>", False)],
)
def test_what_may_not_leave_is_looked_for(tmp_path: Path, never: str, left: str, found: bool) -> None:
    seen = Seen("", left=(left,))
    assert bool(reached(entry("", never=(never,)), seen, Canaries((), tmp_path / "marker"))) == found


def test_what_may_not_leave_may_be_told(tmp_path: Path) -> None:
    assert reached(entry("", never=("<b>",)), Seen("", told=("<b>",)), Canaries((), tmp_path / "marker")) == []


def test_a_request_to_another_host_is_found(tmp_path: Path) -> None:
    assert reached(entry(""), Seen("", left=(f"{OUTSIDE}/",)), Canaries((), tmp_path / "marker"))


def test_the_account_counts_entries_in_each_place_and_at_all() -> None:
    findings = [Finding(entry("", name), place, "answered", cpu) for name, place, cpu in TRIED]
    told = summary(findings, BOUNDS)
    rest = "0 large, 0 processes died, 0 unforeseen errors"
    assert told[-3:] == [
        f"web      2 entries, 0 reached, 1 slow, {rest}",
        f"threads  2 entries, 0 reached, 2 slow, {rest}",
        f"all      2 entries, 0 reached, 2 slow, {rest}",
    ]
    assert told[:5] == ["", "Broken bounds:", *(line(findings[place], BOUNDS) for place in (0, 2, 3))]


TRIED = [("a", "web", 1.0), ("b", "web", 0.1), ("a", "threads", 1.0), ("b", "threads, direct", 1.0)]


def test_nothing_broken_is_told_in_two_lines() -> None:
    assert len(summary([Finding(entry(""), "web", "answered")], BOUNDS)) == 2


def entry(source: str, name: str = "text/a", never: tuple[str, ...] = ()) -> Entry:
    return Entry("templates", name, "text", "reach", source, never=never)
