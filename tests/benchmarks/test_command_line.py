"""What the command line of ``make bench`` takes, and what it writes, on made-up figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import options
from benchmarks.parts import PARTS
from benchmarks.results import Results

ABOUT = {name: part.about for name, part in PARTS.items()}


@pytest.fixture
def measured() -> Results:
    results = Results({"CPU": "2 cores"})
    for ours, theirs in ((100.0, 50.0), (120.0, 40.0), (110.0, 60.0)):
        results.add("end to end", "100 chats", {"messages/s": ours})
        results.add("end to end", "100 chats", {"messages/s": theirs}, "theirs")
    results.add("end to end", "one chat", {"messages/s": 7.25, "idle after s": None})
    return results


def test_help_lists_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.read(ABOUT, ["--help"])
    told = capsys.readouterr().out
    assert [name for name in PARTS if f"  {name} " not in told] == []


def test_all_parts_are_measured_unless_some_are_named() -> None:
    assert options.read(ABOUT, []).parts == list(PARTS)
    assert options.read(ABOUT, ["endtoend", "--rounds", "3"]).parts == ["endtoend"]


def test_a_part_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.read(ABOUT, ["nope"])
    assert "there is no part nope" in capsys.readouterr().err


def test_another_tree_runs_with_its_own_interpreter(tmp_path: Path) -> None:
    ours, theirs = options.read(ABOUT, ["endtoend", "--tree", str(tmp_path)]).trees
    assert ours.python == sys.executable
    assert theirs.python == str(tmp_path / ".venv/bin/python")


def test_a_table_has_medians_ranges_and_the_ratio(measured: Results) -> None:
    ((part, table),) = measured.tables()
    assert part == "end to end"
    assert table == [
        ["what", "figure", "ours", "theirs", "ours / theirs"],
        ["100 chats", "messages/s", "110 [100-120]", "50.0 [40.0-60.0]", "2.20"],
        ["one chat", "messages/s", "7.25", "-", "-"],
        ["one chat", "idle after s", "-", "-", "-"],
    ]


def test_saved_figures_are_printed_and_written_as_markdown_without_measuring(
    measured: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, markdown = tmp_path / "figures.json", tmp_path / "RESULTS.md"
    measured.save(saved)
    assert json.loads(saved.read_text())["about"] == {"CPU": "2 cores"}
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--from", str(saved), "--results", str(markdown)])
    program.main()
    assert "110 [100-120]" in capsys.readouterr().out
    assert "| 100 chats | messages/s | 110 [100-120] | 50.0 [40.0-60.0] | 2.20 |" in markdown.read_text()


def test_files_of_several_runs_are_rounds_of_one(measured: Results) -> None:
    together = Results()
    together.take_in(measured)
    together.take_in(measured)
    figure = together.figures["end to end", "100 chats", "messages/s"]
    assert figure.values["theirs"] == [50.0, 40.0, 60.0, 50.0, 40.0, 60.0]
