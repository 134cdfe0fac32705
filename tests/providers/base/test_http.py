"""HTTP calls, over real sockets."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from permabots.exceptions import Retryable
from permabots.http_deadline import Exchange
from permabots.providers.base import http
from tests.providers import fixtures
from tests.providers.scripted import ScriptedServer, answer, drip

CERTIFICATE = fixtures.FOLDER / "tls" / "server.pem"  # for 127.0.0.1, signed by itself, with its key


def test_a_call_carries_what_it_is_given(server: ScriptedServer) -> None:
    server.script.append(answer({"a": 1}, 201, {"X-More": "yes"}))
    got = http.call(
        "POST",
        f"{server.url}/path",
        timeout=5,
        body={"ü": [1]},
        params={"q": "a b"},
        headers={"X-Own": "1"},
        auth=("me", "key"),
    )
    (request,) = server.requests
    assert (got.status, got.json_object, got.headers["x-more"]) == (201, {"a": 1}, "yes")
    assert (request.method, request.path, request.json) == ("POST", "/path?q=a+b", {"ü": [1]})
    assert request.headers["x-own"] == "1"
    assert request.headers["authorization"] == "Basic " + b64encode(b"me:key").decode()


def test_a_call_without_a_body_sends_none(server: ScriptedServer) -> None:
    http.call("GET", server.url, timeout=5)
    assert (server.requests[0].method, server.requests[0].body) == ("GET", b"")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json_object_is_none(body: bytes) -> None:
    assert http.HttpAnswer(200, body, {}).json_object is None


def test_redirects_are_not_followed(server: ScriptedServer) -> None:
    server.script.append(answer(b"", 302, {"Location": "/elsewhere"}))
    assert http.call("GET", server.url, timeout=5).status == 302
    assert len(server.requests) == 1


def test_cookies_are_not_kept(server: ScriptedServer) -> None:
    server.default = answer(b"", 200, {"Set-Cookie": "a=b; Path=/"})
    for _ in range(2):
        http.call("GET", server.url, timeout=5)
    assert "cookie" not in server.requests[1].headers


def test_the_environments_proxy_is_not_used(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert http.call("GET", server.url, timeout=5).status == 200


def test_connections_are_used_again_by_all_threads(server: ScriptedServer) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: http.call("POST", server.url, timeout=5, body={}).status, range(80)))
    assert statuses == [200] * 80
    assert server.connections <= 8


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server: ScriptedServer) -> None:
    closed = threading.Event()

    def answer_and_close(connection: socket.socket) -> None:
        connection.sendall(answer(b""))
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    server.script.append(answer_and_close)
    assert http.call("POST", server.url, timeout=5, body={}).status == 200
    assert closed.wait(5)
    assert http.call("POST", server.url, timeout=5, body={}).status == 200
    assert server.connections == 2


COMPLETE = answer({"ok": True, "result": "x" * 60})


@pytest.mark.parametrize(
    "dripping",
    [
        drip(COMPLETE, 0.03),
        lambda connection: (connection.sendall(COMPLETE[:-60]), drip(COMPLETE[-60:], 0.05)(connection)),
        lambda connection: connection.recv(1),
    ],
    ids=["headers", "body", "silence"],
)
def test_a_slow_answer_does_not_outlast_the_time_for_the_call(server: ScriptedServer, dripping: object) -> None:
    server.script.append(dripping)  # type: ignore[arg-type]
    with pytest.raises(Retryable) as caught:
        http.call("POST", server.url, timeout=1.0, body={})
    assert caught.value.ambiguous


def test_a_request_that_the_server_does_not_read_does_not_outlast_it_either() -> None:
    server = ScriptedServer()  # takes connections from its queue only once it is started
    with pytest.raises(Retryable):
        http.call("POST", server.url, timeout=1.0, body="x" * 20_000_000)
    with server:
        http.forget_connections()


def test_without_time_left_nothing_is_sent() -> None:
    with pytest.raises(TimeoutError):
        Exchange(0).remaining()


def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1000)
    server.script += [answer(b"x" * 1000), answer(b"x" * 1001)]
    assert len(http.call("GET", server.url, timeout=5).body) == 1000
    with pytest.raises(Retryable):
        http.call("GET", server.url, timeout=5)


def test_compressed_and_chunked_answers_are_read(server: ScriptedServer) -> None:
    server.script.append(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n')
    assert http.call("GET", server.url, timeout=5).json_object == {"a": 1}
    assert http.call("GET", server.url, timeout=5).status == 200
    assert server.connections == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://127.0.0.1:{port}/", "no connection"),
        ("http://127.0.0.1:99999/", "no connection"),
        ("no address", "no connection"),
    ],
)
def test_what_never_left_is_not_ambiguous(server: ScriptedServer, url: str, words: str) -> None:
    port = server.url.rpartition(":")[2]
    with pytest.raises(Retryable, match=words) as caught:
        http.call("GET", url.replace("{port}", port), timeout=5)
    assert not caught.value.ambiguous


@pytest.fixture
def secure_server() -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    http.forget_connections()  # those of another test may have read certificates of its own
    with ScriptedServer(context) as running:
        yield running


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(
    secure_server: ScriptedServer,
) -> None:
    with pytest.raises(Retryable, match="certificate verify failed") as caught:
        http.call("GET", f"{secure_server.url}/secret", timeout=5)
    assert not caught.value.ambiguous
    assert secure_server.requests == []


def test_secure_connections_are_used_again_and_keep_to_the_deadline_too(
    secure_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(http.forget_connections)
    with monkeypatch.context() as patched:
        patched.setattr("certifi.where", lambda: str(CERTIFICATE))
        http.forget_connections()  # the certificates are read when the pool is made
    for _ in range(3):
        assert http.call("POST", secure_server.url, timeout=5, body={"a": "x" * 100_000}).status == 200
    assert secure_server.connections == 1
    secure_server.script.append(drip(COMPLETE, 0.03))
    with pytest.raises(Retryable) as caught:
        http.call("POST", secure_server.url, timeout=1.0, body={})
    assert caught.value.ambiguous


FORKING = """
import os, sys
from permabots.providers.base import http
http.call("GET", sys.argv[1] + "/parent", timeout=5)
child = os.fork()
if not child:
    http.call("GET", sys.argv[1] + "/child", timeout=5)
    os._exit(0)
os.waitpid(child, 0)
http.call("GET", sys.argv[1] + "/parent-again", timeout=5)
"""


def test_a_forked_child_makes_its_own_connections_and_leaves_its_parents_alone(server: ScriptedServer) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", FORKING, server.url], check=True, timeout=30, env=environment)
    assert [request.path for request in server.requests] == ["/parent", "/child", "/parent-again"]
    assert server.connections == 2
