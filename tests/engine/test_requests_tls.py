"""TLS, spoken with real servers on this machine whose certificates are the tests' own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from permabots.engine.http.client import RequestLimits, UserApi
from tests.engine.fake_network import OK, FakeNetwork
from tests.engine.network_calls import PUBLIC, SECRETS, get, header, redirect
from tests.engine.network_calls import api as api
from tests.engine.network_calls import network as network
from tests.engine.scripted_server import ScriptedServer

TLS = Path(__file__).parent / "tls"


# TLS


def server_context(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return TLS with a certificate for api.example, and have its authority trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(TLS / "authority.pem"))
    return context


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A server with a certificate for api.example, whose authority is trusted; names lead to it."""
    context = server_context(monkeypatch)
    with ScriptedServer(lambda connection: connection.request() and connection.send(OK), context) as server:
        look_up = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: look_up("127.0.0.1", *args, **kwargs))
        yield server


@pytest.fixture
def local_api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0, allowed_hosts=("127.0.0.0/8",)))
    yield client
    client.close()


def test_tls_is_spoken_with_the_address_and_verified_for_the_name(secure: ScriptedServer, local_api: UserApi) -> None:
    assert local_api.call(get(f"https://api.example:{secure.port}/"), "key").status == 200


def test_a_certificate_for_another_name_is_not_accepted(secure: ScriptedServer, local_api: UserApi) -> None:
    error = local_api.call(get(f"https://other.example:{secure.port}/"), "key").error
    assert error.startswith("the certificate is not accepted: Hostname mismatch")


def test_a_certificate_of_an_unknown_authority_is_not_accepted(
    secure: ScriptedServer, local_api: UserApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: look_up("127.0.0.1", *args, **kwargs))
    error = local_api.call(get(f"https://api.example:{secure.port}/"), "key").error
    assert error == "the certificate is not accepted: unable to get local issuer certificate"


def test_a_server_that_does_not_speak_tls_is_told(local_api: UserApi) -> None:
    with ScriptedServer(lambda connection: connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        error = local_api.call(get(f"https://127.0.0.1:{server.port}/"), "key").error
    assert error.startswith("no secure connection: ")


def test_a_redirect_from_plain_http_to_tls_keeps_all(
    network: FakeNetwork, api: UserApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.tls = server_context(monkeypatch)
    network.answers = [redirect("https://api.example/there"), redirect("http://api.example/back"), OK]
    api.call(get("http://api.example/", headers=SECRETS), "key")
    assert network.connections == [(PUBLIC, 80), (PUBLIC, 443)]
    assert [header(request, "X-Api-Key") for request in network.requests] == ["s3cret", "s3cret", None]
