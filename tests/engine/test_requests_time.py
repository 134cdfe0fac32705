"""How long a call may take. Servers on this machine do what users' servers do at worst."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from permabots.engine.http.client import RequestLimits, UserApi
from tests.engine.api_calls import api as api
from tests.engine.api_calls import call, serve_all
from tests.engine.scripted_server import OK, Connection, ScriptedServer, answer

NEVER = "no answer within 0.3 s"


@pytest.fixture
def hasty() -> Iterator[UserApi]:
    """A client whose calls may take 0.3 s."""
    client = UserApi(RequestLimits(timeout=0.3, max_bytes=1_000_000, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


# Time: every server here would go on for minutes


def test_a_server_that_says_nothing_is_not_waited_for(hasty: UserApi) -> None:
    with ScriptedServer(Connection.wait) as server:
        assert call(hasty, server.url).for_templates() == {"status": 0, "data": {}, "error": NEVER}


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(hasty: UserApi) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with ScriptedServer(lambda c: c.send(head) or c.drip(b"x" * 100_000, 0.01)) as server:
        assert call(hasty, server.url).error == NEVER


def test_headers_that_come_byte_by_byte_are_not_waited_for(hasty: UserApi) -> None:
    with ScriptedServer(lambda c: c.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000, 0.01)) as server:
        assert call(hasty, server.url).error == NEVER


def test_chunks_that_come_byte_by_byte_are_not_waited_for(hasty: UserApi) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ScriptedServer(lambda c: c.send(head) or c.drip(b"1\r\nx\r\n" * 10_000, 0.01)) as server:
        assert call(hasty, server.url).error == NEVER


def test_a_server_that_does_not_read_is_not_waited_for(hasty: UserApi) -> None:
    with ScriptedServer(Connection.wait) as server:
        assert call(hasty, server.url, "POST", b"x" * 20_000_000).error == NEVER


def test_a_tls_handshake_that_does_not_end_is_not_waited_for(hasty: UserApi) -> None:
    with ScriptedServer(Connection.wait) as server:
        assert call(hasty, server.url.replace("http", "https")).error == NEVER


def test_redirects_share_the_time_of_one_call(hasty: UserApi) -> None:
    def script(connection: Connection) -> None:
        while connection.request() and not connection.over.wait(0.1):
            connection.send(answer(b"", "Location: /again", status="302 Found"))

    with ScriptedServer(script) as server:
        assert call(hasty, server.url).error == NEVER


def test_a_call_that_has_no_time_is_not_made() -> None:
    api = UserApi(RequestLimits(timeout=1e-9, allowed_hosts=("127.0.0.1",)))
    with ScriptedServer(serve_all) as server:
        assert call(api, server.url).error == "no answer within 1e-09 s"
        assert server.connections == 0
    api.close()


def test_time_is_measured(api: UserApi) -> None:
    with ScriptedServer(lambda c: c.drip(OK[:1], 0.05) or c.send(OK[1:])) as server:
        started = time.perf_counter()
        answered = call(api, server.url)
        assert 50 <= answered.ms <= (time.perf_counter() - started) * 1000
