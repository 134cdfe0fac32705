"""A host project whose server or package is not there is left out, and says what is missing."""

from __future__ import annotations

import pytest

from tests.hosts.__main__ import outcome
from tests.hosts.hosts import SERVERS, Host
from tests.hosts.servers import MariaDb


def test_a_host_without_its_server_names_the_package_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MariaDb, "PROGRAM", "no-such-program")
    assert outcome(Host("x", servers=("mariadb",))) == (
        "left out: no no-such-program here: apt-get install mariadb-server",
        "",
    )


def test_a_host_without_its_python_package_names_it() -> None:
    assert outcome(Host("x", needs="no_such_package"))[0] == "left out: no_such_package is not installed"


def test_servers_of_the_tests_are_always_there() -> None:
    assert not Host("x", servers=("postgres", "redis")).left_out
    assert {"postgres", "redis"} < SERVERS.keys()
