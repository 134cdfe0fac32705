"""How large an answer may be, and which connections a call uses. Servers here do what users' servers do at worst."""

from __future__ import annotations

import gzip
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from permabots.engine.http.client import UserApi
from tests.engine.api_calls import api as api
from tests.engine.api_calls import call, serve_all
from tests.engine.scripted_server import OK, Connection, ScriptedServer, answer

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
