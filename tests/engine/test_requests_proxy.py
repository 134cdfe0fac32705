"""The operator's proxy: it is told addresses that were judged, and only its tunnel is used."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.http.routes import Proxy
from permabots.testing.http11 import Reply
from permabots.testing.user_api import UserApiServer
from tests.engine.api_server import get
from tests.engine.api_server import server as server
from tests.engine.network_calls import PUBLIC
from tests.engine.scripted_server import OK, Connection, ScriptedServer
from tests.engine.test_requests_tls import server_context

Names = dict[str, list[str]]
Through = Callable[..., UserApi]


class TunnelProxy:
    """A proxy on this machine, whose every tunnel ends at one server of the test.

    Args:
        port: of that server.
    """

    def __init__(self, port: int) -> None:
        self.heads: list[bytes] = []
        self.unreachable = b"nothing"
        self._port = port
        self.server = ScriptedServer(self._tunnel)

    def _tunnel(self, connection: Connection) -> None:
        self.heads.append(connection.request())
        if self.unreachable in self.heads[-1]:
            connection.send(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self._port)) as api:
            connection.send(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            threading.Thread(target=pump, args=(api, connection.sock), daemon=True).start()
            pump(connection.sock, api)


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names lead to; all others are unknown. Connections are real ones."""
    known: Names = {"api.example": [PUBLIC]}
    look_up = socket.getaddrinfo

    def resolve(host: str, port: int, *args: int, **kwargs: int) -> list[tuple[object, ...]]:
        if host == "127.0.0.1":
            return list(look_up(host, port, *args, **kwargs))
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.fixture
def proxy(server: UserApiServer) -> Iterator[TunnelProxy]:
    tunnel = TunnelProxy(int(server.url.rpartition(":")[2]))
    with tunnel.server:
        yield tunnel


@pytest.fixture
def through() -> Iterator[Through]:
    """Makes clients whose calls go through a proxy on this machine."""
    with ExitStack() as undo:

        def client(port: int, user: str = "", timeout: float = 5.0) -> UserApi:
            made = UserApi(RequestLimits(timeout=timeout, proxy=f"http://{user}127.0.0.1:{port}"))
            undo.callback(made.close)
            return made

        yield client


def test_the_proxy_is_told_the_address_that_was_judged_and_the_api_its_own_name(
    server: UserApiServer, proxy: TunnelProxy, names: Names, through: Through
) -> None:
    assert through(proxy.server.port).call(get("http://api.example/u/list?a=1"), "key").status == 200
    assert proxy.heads == [f"CONNECT {PUBLIC}:80 HTTP/1.1\r\nHost: {PUBLIC}:80\r\n\r\n".encode()]
    (request,) = server.requests
    assert (request.target, request.headers["host"]) == ("/u/list?a=1", "api.example")


def test_the_proxys_password_goes_to_the_proxy_alone(
    server: UserApiServer, proxy: TunnelProxy, names: Names, through: Through
) -> None:
    through(proxy.server.port, "us%40er:p%3Ass@").call(get("http://api.example/u/list"), "key")
    assert b"\r\nProxy-Authorization: Basic dXNAZXI6cDpzcw==\r\n" in proxy.heads[0]
    assert "proxy-authorization" not in server.requests[0].headers


def test_a_tunnel_is_kept_for_the_next_call(
    server: UserApiServer, proxy: TunnelProxy, names: Names, through: Through
) -> None:
    api = through(proxy.server.port)
    assert [api.call(get("http://api.example/u/list"), "key").status for _ in range(2)] == [200, 200]
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "3fff::1"])
def test_what_may_not_be_called_is_not_called_through_a_proxy_either(
    proxy: TunnelProxy, names: Names, address: str, through: Through
) -> None:
    names["evil.example"] = [PUBLIC, address]
    error = through(proxy.server.port).call(get("http://evil.example/"), "key").error
    assert error in {"evil.example leads to a private address", "evil.example leads to no public address"}
    assert proxy.heads == []


def test_a_redirect_into_a_private_network_is_refused_behind_a_proxy(
    server: UserApiServer, proxy: TunnelProxy, names: Names, through: Through
) -> None:
    names["inside.example"] = ["10.0.0.1"]
    server.add_route("/u/x", lambda _: Reply(302, b"", {"Location": "http://inside.example/"}))
    error = through(proxy.server.port).call(get("http://api.example/u/x"), "key").error
    assert error == "inside.example leads to a private address"
    assert len(proxy.heads) == 1


def test_tls_is_spoken_with_the_api_through_the_proxy_and_verified_for_its_name(
    monkeypatch: pytest.MonkeyPatch, names: Names, through: Through
) -> None:
    names["other.example"] = [PUBLIC]
    tls = server_context(monkeypatch)
    with ScriptedServer(lambda connection: connection.request() and connection.send(OK), tls) as secure:
        tunnel = TunnelProxy(secure.port)
        with tunnel.server:
            api = through(tunnel.server.port)
            assert api.call(get("https://api.example/"), "key").status == 200
            assert "Hostname mismatch" in api.call(get("https://other.example/"), "key").error
    assert [head.split()[1] for head in tunnel.heads] == [f"{PUBLIC}:443".encode()] * 2


def test_an_ipv6_address_is_written_in_brackets(proxy: TunnelProxy, names: Names, through: Through) -> None:
    through(proxy.server.port).call(get("http://[2606:4700::1]:8080/"), "key")
    assert proxy.heads[0].startswith(b"CONNECT [2606:4700::1]:8080 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (lambda it: it.request() and it.send(b"HTTP/1.1 403 No\r\n\r\n"), "no connection: the proxy answered 403"),
        (lambda it: it.request() and it.send(b"HTTP/1.1 407 Who\r\n\r\n"), "no connection: the proxy answered 407"),
        (lambda it: it.request() and it.send(b"220 smtp\r\n\r\n"), "no connection: the proxy does not speak HTTP"),
        (lambda it: it.request() and it.wait(), "no answer within 0.3 s"),
        (lambda it: it.request() and it.drip(b"HTTP/1.1 200 OK\r\n" * 99, 0.05), "no answer within 0.3 s"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_told_without_its_address(
    names: Names, script: Callable[[Connection], None], error: str, through: Through
) -> None:
    with ScriptedServer(script) as broken:
        answered = through(broken.port, "user:secret@", timeout=0.3).call(get("http://api.example/"), "key")
    assert (answered.status, answered.error, answered.unavailable) == (0, error, True)


def test_a_proxy_that_is_away_is_told(names: Names, through: Through) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = through(port).call(get("http://api.example/"), "key").error
    assert error == "no connection: the proxy does not answer"


def test_the_next_address_is_tried_where_the_proxy_cannot_reach_one(
    proxy: TunnelProxy, names: Names, through: Through
) -> None:
    names["api.example"] = ["8.8.8.8", PUBLIC]
    proxy.unreachable = b"8.8.8.8"
    assert through(proxy.server.port).call(get("http://api.example/u/list"), "key").status == 200
    assert [head.split()[1] for head in proxy.heads] == [b"8.8.8.8:80", f"{PUBLIC}:80".encode()]


def test_no_password_shows_in_what_holds_it() -> None:
    url = "http://user:secret@proxy:3128"
    assert "secret" not in repr((RequestLimits(proxy=url), Proxy.of_url(url)))
