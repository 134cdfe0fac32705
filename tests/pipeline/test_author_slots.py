"""How many simulations and runs of tests authors have at once, over the web processes of a host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from permabots.database import connection
from permabots.exceptions import TooManyAtOnce
from permabots.pipeline.authoring import author_slots
from permabots.pipeline.authoring.author_slots import author_slot

OTHER_PROCESS = """
import json, sys, django
django.setup()
from permabots.database import connection
connection().settings_dict.update(json.loads(sys.argv[1]))
from permabots.exceptions import TooManyAtOnce
from permabots.pipeline.authoring.author_slots import author_slot

try:
    with author_slot("ann"):
        print("free", flush=True)
        sys.stdin.read()
except TooManyAtOnce:
    print("taken", flush=True)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder for the file of slots that no other process of this machine uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(author_slots, "_open", [])
    yield tmp_path
    for _, slots in author_slots._open:
        slots.close()


def others(folder: Path) -> subprocess.Popen[str]:
    """Start another web process of the host, in which Ann has something in hand."""
    environment = {**os.environ, "TMPDIR": str(folder), "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    where = json.dumps({name: str(connection().settings_dict[name]) for name in ("HOST", "PORT", "NAME")})
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def is_free(author: str) -> bool:
    try:
        with author_slot(author):
            return True
    except TooManyAtOnce:
        return False


def test_one_author_has_so_many_and_another_is_not_kept_waiting(settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 2, "SIMULATIONS": 4}
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(author_slot("ann"))
        with pytest.raises(TooManyAtOnce, match="one author may have 2, all together 4") as refused:
            stack.enter_context(author_slot("ann"))
        assert refused.value.seconds > 0
        assert is_free("ben")
    assert is_free("ann")


def test_all_authors_together_have_so_many(settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 2, "SIMULATIONS": 2}
    with author_slot("ann"), author_slot("ben"):
        assert not is_free("eve")
    assert is_free("eve")


def test_zero_is_any_number(settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 0, "SIMULATIONS": 0}
    with author_slot("ann"), author_slot("ann"), author_slot("ann"):
        assert is_free("ann")


def test_what_fails_gives_its_slot_back(settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 1}
    with pytest.raises(ZeroDivisionError), author_slot("ann"):
        1 / 0  # noqa: B018
    assert is_free("ann")


def test_web_processes_of_a_host_count_together_and_a_killed_one_gives_back(folder: Path, settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 1}
    with others(folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "free\n"
        assert (is_free("ann"), is_free("ben")) == (False, True)
        process.kill()
        process.wait()
        assert is_free("ann")


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_another_user_put_in_the_files_place_is_not_opened(folder: Path, kind: str, settings: Any) -> None:
    settings.PERMABOTS = {"SIMULATIONS_PER_AUTHOR": 1}
    with author_slot("ann"):
        (path,) = folder.iterdir()
    author_slots._open.pop()[1].close()
    path.unlink()
    target = folder / "precious"
    path.symlink_to(target) if kind == "link" else path.mkdir()
    with author_slot("ann"):
        assert not is_free("ann")
    assert not target.exists()
