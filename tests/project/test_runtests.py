"""``runtests.py``: the names of tests that the documentation uses."""

from __future__ import annotations

import pytest

import runtests


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("tests.servers", "tests/servers"),
        ("tests.project.test_runtests", "tests/project/test_runtests.py"),
        ("tests.project.test_runtests.test_it", "tests/project/test_runtests.py::test_it"),
        ("tests.project.test_runtests.TestIt.test_it", "tests/project/test_runtests.py::TestIt::test_it"),
    ],
)
def test_a_dotted_name_is_a_node_of_pytest(name: str, node: str):
    assert runtests.node(name) == node


@pytest.mark.parametrize("name", ["tests.nothing", "tests.servers.nothing"])
def test_a_name_of_nothing_is_refused(name: str):
    with pytest.raises(SystemExit, match=f"there is no {name}"):
        runtests.node(name)


def test_help_is_printed(capsys: pytest.CaptureFixture[str]):
    assert runtests.main(["-h"]) == 0
    assert "runtests.py tests.engine" in capsys.readouterr().out


def test_the_rest_goes_to_pytest(monkeypatch: pytest.MonkeyPatch):
    given: list[str] = []
    monkeypatch.setattr(pytest, "main", given.extend)
    runtests.main(["--sqlite", "tests.servers", "-k", "word", "-x"])
    assert given == ["--ds=tests.settings_sqlite", "tests/servers", "-k", "word", "-x"]
