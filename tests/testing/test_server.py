"""The HTTP of the stand-in servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from permabots.testing import Reply, Request, StandInServer, json_reply


class Echo(StandInServer):
    """Answers what it was asked."""

    def respond(self, request: Request) -> Reply:
        if request.path == "/cut":
            return Reply(cut=True)
        if request.path == "/empty":
            return Reply(204)
        return json_reply([request.method, request.path, request.query, request.text])


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as server:
        yield server


def raw(server: StandInServer, sent: bytes) -> bytes:
    """Send bytes and return everything that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(sent)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def test_a_request_arrives_whole(echo: Echo):
    answer = requests.post(f"{echo.url}/a%20b?x=1&y=&x=2", data="ünï".encode(), timeout=5)
    assert answer.json() == ["POST", "/a b", [["x", "1"], ["y", ""], ["x", "2"]], "ünï"]


def test_a_connection_is_used_again(echo: Echo):
    with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as connection:
        for _ in range(3):
            connection.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_two_requests_in_one_write_are_answered_both(echo: Echo):
    request = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
    received = raw(echo, request + request.replace(b"Host: h", b"Connection: close"))
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_an_answer_leaves_in_one_piece(echo: Echo):
    with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as connection:
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        assert connection.recv(65536).endswith(b'["GET", "/x", [], ""]')


@pytest.mark.parametrize("line", [b"GET /x HTTP/1.0\r\n\r\n", b"GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"])
def test_a_connection_is_closed_where_the_client_wants_it(echo: Echo, line: bytes):
    assert b"Connection: close" in raw(echo, line)


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_400(echo: Echo, sent: bytes):
    assert raw(echo, sent).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_ends_early_is_answered_400(echo: Echo):
    with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_asks_before_it_sends_the_body_is_told_to_go_on(echo: Echo):
    with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hi")
        assert b'"hi"' in connection.recv(65536)


def test_the_answer_to_head_has_no_body(echo: Echo):
    answer = requests.head(f"{echo.url}/x", timeout=5)
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "22")


def test_an_empty_answer_has_no_length(echo: Echo):
    answer = requests.get(f"{echo.url}/empty", timeout=5)
    assert (answer.status_code, "Content-Length" in answer.headers) == (204, False)


def test_a_connection_can_be_closed_without_an_answer(echo: Echo):
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{echo.url}/cut", timeout=5)


def test_many_clients_are_served_at_once(echo: Echo):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: requests.get(f"{echo.url}/{n}", timeout=5).json()[1], range(64)))
    assert answers == [f"/{n}" for n in range(64)]


def test_a_stopped_server_refuses_connections_and_comes_back_on_its_port():
    server = Echo()
    with server:
        url = server.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    with server:
        assert server.url == url
        assert requests.get(url, timeout=5).status_code == 200


def test_stopping_hangs_up_on_idle_clients(echo: Echo):
    with socket.create_connection(("127.0.0.1", echo.port), timeout=5) as connection:
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        connection.recv(65536)
        echo.stop()
        assert connection.recv(65536) == b""


def test_stopping_ends_a_slow_answer():
    asked = threading.Event()

    class Slow(StandInServer):
        def respond(self, request: Request) -> Reply:
            asked.set()
            return Reply(delay=3600)

    with Slow() as server, socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        assert asked.wait(5)
        server.stop()
        assert connection.recv(65536) == b""


def test_stopping_twice_is_no_error():
    server = Echo().start()
    server.stop()
    server.stop()


def test_a_request_does_not_show_its_address_or_body():
    request = Request("POST", "/bot111:aaa/getMe", {"authorization": "Token x"}, b"secret")
    assert "aaa" not in repr(request)
    assert "Token x" not in repr(request)
    assert "secret" not in repr(request)
