"""Host projects that need no server of their own: a bot lives in each of them."""

from __future__ import annotations

import pytest

from tests.hosts.hosts import HOSTS, Host

pytestmark = [pytest.mark.process, pytest.mark.timeout(150)]


@pytest.mark.parametrize("host", [pytest.param(host, id=host.name) for host in HOSTS if host.quick])
def test_a_bot_lives_in_a_host_project(host: Host) -> None:
    ran = host.live()
    assert ran.status == 0, ran.output
