"""What a call may cost, and which connections it uses. Servers on this machine do what users' servers do at worst."""

from __future__ import annotations

import gzip
import logging
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from permabots.engine.http.client import ApiResponse, PreparedCall, RequestLimits, UserApi
from tests.engine.scripted_server import OK, Connection, ScriptedServer, answer

NEVER = "no answer within 0.3 s"


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0, max_bytes=1000, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


@pytest.fixture
def hasty() -> Iterator[UserApi]:
    """A client whose calls may take 0.3 s."""
    client = UserApi(RequestLimits(timeout=0.3, max_bytes=1_000_000, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


def call(api: UserApi, url: str, method: str = "GET", body: bytes | None = None) -> ApiResponse:
    return api.call(PreparedCall(method, url, body=body), "key")


def serve_all(connection: Connection) -> None:
    while connection.request():
        connection.send(OK)


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


# Size


@pytest.mark.parametrize(("size", "error"), [(1000, ""), (1001, "the answer is larger than 1000 bytes")])
def test_an_answer_may_have_the_size_that_is_set(api: UserApi, size: int, error: str) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'
    with ScriptedServer(lambda c: c.request() and c.send(answer(body))) as server:
        answered = call(api, server.url)
    assert (answered.error, answered.status) == (error, 0 if error else 200)


def test_an_answer_without_end_is_given_up(api: UserApi) -> None:
    with ScriptedServer(lambda c: c.request() and c.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000)) as server:
        assert call(api, server.url).error == "the answer is larger than 1000 bytes"


def test_the_size_counts_decompressed(api: UserApi) -> None:
    body = gzip.compress(b" " * 10_000_000)
    with ScriptedServer(lambda c: c.request() and c.send(answer(body, "Content-Encoding: gzip"))) as server:
        assert call(api, server.url).error == "the answer is larger than 1000 bytes"


def test_a_compressed_answer_is_read(api: UserApi) -> None:
    body = gzip.compress(b'{"a": 1}')
    with ScriptedServer(lambda c: c.request() and c.send(answer(body, "Content-Encoding: gzip"))) as server:
        assert call(api, server.url).data == {"a": 1}


def test_the_body_of_a_redirect_has_the_same_limit(api: UserApi) -> None:
    reply = answer(b"x" * 1001, "Location: /there", status="302 Found")
    with ScriptedServer(lambda c: c.request() and c.send(reply)) as server:
        assert call(api, server.url).error == "the answer is larger than 1000 bytes"


# Servers that hang up


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
def test_an_answer_that_breaks_off_is_told(api: UserApi, reply: bytes) -> None:
    with ScriptedServer(lambda c: c.request() and c.send(reply)) as server:
        answered = call(api, server.url)
    assert (answered.status, answered.data) == (0, {})
    assert answered.error == "the connection was closed before the answer was complete"


def test_a_port_where_nobody_listens_is_told(api: UserApi) -> None:
    with ScriptedServer(serve_all) as server:
        url = server.url
    assert call(api, url).error == "the connection was refused"


# Connections


def test_several_calls_use_one_connection(api: UserApi) -> None:
    with ScriptedServer(serve_all) as server:
        assert [call(api, server.url).status for _ in range(10)] == [200] * 10
        assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(api: UserApi) -> None:
    closed = threading.Event()

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.sock.close()
        closed.set()

    with ScriptedServer(script) as server:
        assert call(api, server.url).status == 200
        closed.wait()
        assert call(api, server.url, "POST", b"x").status == 200
        assert server.connections == 2


def closing_at_second_request(connection: Connection) -> None:
    """Close a kept connection in the very moment in which it is used again."""
    connection.request()
    connection.send(OK)
    connection.request()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_call_that_may_be_repeated_is_sent_again_when_a_kept_connection_closes(api: UserApi, method: str) -> None:
    with ScriptedServer(closing_at_second_request) as server:
        assert [call(api, server.url, method).status for _ in range(3)] == [200, 200, 200]
        assert server.connections == 3


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_call_that_may_not_be_repeated_is_not_sent_again(api: UserApi, method: str) -> None:
    with ScriptedServer(closing_at_second_request) as server:
        call(api, server.url, method)
        error = call(api, server.url, method).error
        assert error == "the connection was closed before the answer was complete"
        assert server.connections == 1


def test_a_call_is_not_sent_again_after_a_part_of_an_answer(api: UserApi) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(OK)
        connection.request()
        connection.send(b"HTTP/1.1 ")

    with ScriptedServer(script) as server:
        call(api, server.url)
        assert call(api, server.url).status == 0
        assert server.connections == 1


def test_a_call_is_not_sent_again_where_its_connection_was_new(api: UserApi) -> None:
    with ScriptedServer(lambda connection: connection.request()) as server:
        assert call(api, server.url).status == 0
        assert server.connections == 1


def test_a_call_that_failed_does_not_spoil_the_next_one(api: UserApi) -> None:
    def script(connection: Connection) -> None:
        while connection.request():
            connection.send(answer(b"x" * 200_000) if connection.number == 1 else OK)

    with ScriptedServer(script) as server:
        assert [call(api, server.url).status for _ in range(2)] == [0, 200]


def test_threads_share_the_client(api: UserApi) -> None:
    with ScriptedServer(serve_all) as server, ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: call(api, server.url).status, range(100)))
        assert statuses == [200] * 100
        assert server.connections <= 8


def test_a_closed_client_opens_new_connections(api: UserApi) -> None:
    with ScriptedServer(serve_all) as server:
        call(api, server.url)
        api.close()
        assert call(api, server.url).status == 200
        assert server.connections == 2


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_does_not_use_its_parents_connections(api: UserApi) -> None:
    with ScriptedServer(serve_all) as server:
        call(api, server.url)
        child = _fork(lambda: call(api, server.url).status == 200)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.connections == 2
        assert call(api, server.url).status == 200
        assert server.connections == 2


def _fork(work: Any) -> int:
    """Run work in a forked child; returns its process id. It exits with 0 where the work returned True."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return child


# What is not told


def test_what_libraries_log_of_a_call_is_kept_back(api: UserApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(serve_all) as server:
        call(api, f"{server.url}/?token=s3cret")
    assert "s3cret" not in caplog.text


def test_what_others_have_the_same_libraries_log_stays(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("somebody else's")
    assert "somebody else's" in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://ann:s3cret@127.0.0.1:9/s3cret?token=s3cret",
        "http://ann:s3cret@10.0.0.1/s3cret?token=s3cret",
        "http://ann:s3cret@127.0.0.1:99999/s3cret",
        "s3cret://s3cret",
    ],
)
def test_no_error_shows_the_address(api: UserApi, url: str) -> None:
    answered = call(api, url)
    assert answered.error
    assert "s3cret" not in answered.error + repr(answered)


def test_time_is_measured(api: UserApi) -> None:
    with ScriptedServer(lambda c: c.drip(OK[:1], 0.05) or c.send(OK[1:])) as server:
        started = time.perf_counter()
        answered = call(api, server.url)
        assert 50 <= answered.ms <= (time.perf_counter() - started) * 1000
