"""Where calls go: names, addresses, redirects and TLS. Look-ups and connections are the tests' own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from permabots.engine.http.client import ApiResponse, PreparedCall, RequestLimits, UserApi
from tests.engine.fake_network import OK, FakeNetwork
from tests.engine.scripted_server import ScriptedServer
from tests.engine.scripted_server import answer as http_answer

PUBLIC = "93.184.216.34"
TLS = Path(__file__).parent / "tls"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    fake = FakeNetwork(monkeypatch)
    fake.names["api.example"] = [[PUBLIC]]
    yield fake
    fake.close()


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0))
    yield client
    client.close()


def get(url: str, **fields: Any) -> PreparedCall:
    return PreparedCall("GET", url, **fields)


def redirect(location: str, status: str = "302 Found") -> bytes:
    return http_answer(b"", f"Location: {location}", status=status)


def header(request: bytes, name: str) -> str | None:
    """Return a header of a request as sent, None for none."""
    for line in request.decode("latin-1").split("\r\n")[1:]:
        if line.lower().startswith(f"{name.lower()}:"):
            return line.partition(":")[2].strip()
    return None


# The guard's rules, from the outside


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("127.0.0.1", "127.0.0.1 is a private address"),
        ("0.0.0.0", "0.0.0.0 is a private address"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1 is a private address"),
        ("[::1]", "::1 is a private address"),
        ("169.254.169.254", "169.254.169.254 is a private address"),
        ("10.0.0.1:8080", "10.0.0.1 is a private address"),
        ("100.64.0.1", "100.64.0.1 is no public address"),
        ("localhost", "localhost leads to 127.0.0.1, a private address"),
        ("2130706433", "2130706433 leads to 127.0.0.1, a private address"),
        ("evil.example", "evil.example leads to 127.0.0.1, a private address"),
        ("mixed.example", "mixed.example leads to 127.0.0.1, a private address"),
        ("user:pass@10.0.0.1", "10.0.0.1 is a private address"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_connection_is_made_into_a_private_network(
    network: FakeNetwork, api: UserApi, scheme: str, host: str, error: str
) -> None:
    network.names |= {name: [["127.0.0.1"]] for name in ("localhost", "2130706433", "evil.example")}
    network.names["mixed.example"] = [[PUBLIC, "127.0.0.1"]]
    assert api.call(get(f"{scheme}://{host}/x"), "key").for_templates() == {"status": 0, "data": {}, "error": error}
    assert network.connections == []


def test_the_address_that_was_judged_is_the_one_connected_to(network: FakeNetwork, api: UserApi) -> None:
    network.names["rebound.example"] = [[PUBLIC], ["127.0.0.1"]]
    assert api.call(get("http://rebound.example:8080/x"), "key").status == 200
    assert network.connections == [(PUBLIC, 8080)]
    assert network.lookups == ["rebound.example"]


def test_a_name_is_judged_anew_for_each_connection(network: FakeNetwork, api: UserApi) -> None:
    network.names["rebound.example"] = [[PUBLIC], ["127.0.0.1"]]
    network.answers = [http_answer(b"{}", "Connection: close")]
    api.call(get("http://rebound.example/"), "key")
    error = api.call(get("http://rebound.example/"), "key").error
    assert error == "rebound.example leads to 127.0.0.1, a private address"
    assert len(network.connections) == 1


def test_a_kept_connection_needs_no_further_look_up(network: FakeNetwork, api: UserApi) -> None:
    assert [api.call(get("http://api.example/"), "key").status for _ in range(20)] == [200] * 20
    assert (len(network.connections), network.lookups) == (1, ["api.example"])


def test_the_final_dot_of_a_name_is_kept_for_the_look_up(network: FakeNetwork, api: UserApi) -> None:
    network.names["api.example."] = [[PUBLIC]]
    assert api.call(get("http://api.example./"), "key").status == 200
    assert network.lookups == ["api.example."]


def test_an_allowed_host_is_connected_to(network: FakeNetwork) -> None:
    network.names["intern.example"] = [["10.0.0.7"]]
    api = UserApi(RequestLimits(allowed_hosts=("intern.example:8000",)))
    assert api.call(get("http://intern.example:8000/"), "key").status == 200
    assert api.call(get("http://intern.example/"), "key").error == "intern.example leads to 10.0.0.7, a private address"
    assert network.connections == [("10.0.0.7", 8000)]
    api.close()


def test_small_packets_are_not_held_back(network: FakeNetwork, api: UserApi, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *args: made.append(connect(*args)) or made[-1])
    api.call(get("http://api.example/"), "key")
    assert made[0].options == [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


# Addresses that do not answer


def test_the_next_address_is_tried_where_one_does_not_answer(network: FakeNetwork, api: UserApi) -> None:
    network.names["api.example"] = [["2606:4700::1", PUBLIC]]
    network.unreachable["2606:4700::1"] = OSError(101, "Network is unreachable")
    assert api.call(get("http://api.example/"), "key").status == 200
    assert network.connections == [("2606:4700::1", 80), (PUBLIC, 80)]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "the connection was refused"),
        (OSError(101, "Network is unreachable"), "no connection: Network is unreachable"),
        (TimeoutError("timed out"), "no answer within 5 s"),
        (OSError("odd"), "no usable answer (ConnectionError)"),
    ],
)
def test_the_last_address_says_why_there_is_no_connection(
    network: FakeNetwork, api: UserApi, failure: OSError, error: str
) -> None:
    network.names["api.example"] = [["8.8.8.8", PUBLIC]]
    network.unreachable = {"8.8.8.8": OSError(113, "No route to host"), PUBLIC: failure}
    assert api.call(get("http://api.example/"), "key").for_templates() == {"status": 0, "data": {}, "error": error}


def test_a_host_that_is_not_known_is_told(network: FakeNetwork, api: UserApi) -> None:
    assert api.call(get("http://nobody.example/?token=s3cret"), "key").error == "the host nobody.example is not known"


# Redirects


def test_a_redirect_is_followed(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("/there?a=1#top"), OK]
    assert api.call(get("http://api.example/here"), "key").status == 200
    assert [request.split(b" ")[1] for request in network.requests] == [b"/here", b"/there?a=1"]
    assert len(network.connections) == 1


def test_a_post_that_is_redirected_is_asked_for_without_its_body(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("/there"), OK]
    assert api.call(PreparedCall("POST", "http://api.example/here"), "key").status == 200
    assert [request.split(b" ")[0] for request in network.requests] == [b"POST", b"GET"]
    assert [header(request, "Content-Length") for request in network.requests] == ["0", None]


def test_a_body_is_not_sent_on_to_another_server(network: FakeNetwork, api: UserApi) -> None:
    network.names["other.example"] = [[PUBLIC]]
    network.answers = [redirect("http://other.example/there", "307 Temporary Redirect")]
    answer = api.call(PreparedCall("POST", "http://api.example/here", body=b"secret"), "key")
    assert answer.error == "a redirect leads to another server, and data is not sent on to one"
    assert len(network.connections) == 1


def test_a_redirect_into_a_private_network_is_refused(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("http://127.0.0.1/secret")]
    assert api.call(get("http://api.example/"), "key").error == "127.0.0.1 is a private address"
    assert network.connections == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("ftp://api.example/", "the address does not begin with http:// or https://"),
        ("http://[::1", "a redirect leads to an address that cannot be read"),
        ("http://*.example/", "a redirect leads to an address that cannot be read"),
        ("http://%D0%B6:x@api.example/", "a redirect leads to an address that cannot be read"),
        ("http://api.example:99999/", "a redirect leads to an address that cannot be read"),
    ],
)
def test_a_redirect_that_cannot_be_followed_is_told(
    network: FakeNetwork, api: UserApi, location: str, error: str
) -> None:
    network.answers = [redirect(location)]
    assert api.call(get("http://api.example/"), "key").for_templates() == {"status": 0, "data": {}, "error": error}


def test_a_redirect_to_a_path_in_another_alphabet_is_followed(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("/grün"), OK]
    api.call(get("http://api.example/"), "key")
    assert network.requests[1].startswith(b"GET /gr%C3%BCn HTTP/1.1")


def test_redirects_have_an_end(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("/again")] * 10
    assert api.call(get("http://api.example/"), "key").error == "more than 5 redirects"
    assert len(network.requests) == 6


def test_a_redirect_without_location_is_an_answer(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [http_answer(b'{"a": 1}', status="302 Found")]
    answered = api.call(get("http://api.example/"), "key")
    assert (answered.status, answered.data) == (302, {"a": 1})


@pytest.mark.parametrize(
    ("status", "method", "following"),
    [
        (301, "POST", "GET"),
        (301, "PUT", "PUT"),
        (302, "POST", "GET"),
        (302, "DELETE", "GET"),
        (303, "PUT", "GET"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
        (308, "GET", "GET"),
    ],
)
def test_a_redirect_changes_the_method_as_browsers_do(
    network: FakeNetwork, api: UserApi, status: int, method: str, following: str
) -> None:
    network.answers = [redirect("/there", f"{status} Moved"), OK]
    api.call(PreparedCall(method, "http://api.example/here"), "key")
    assert network.requests[1].split(b" ")[0].decode() == following


@pytest.mark.parametrize(("status", "kept"), [(303, False), (307, True)])
def test_a_body_is_sent_again_only_with_its_method(status: int, kept: bool) -> None:
    bodies = []

    def script(connection: Any) -> None:
        for reply in (redirect("/there", f"{status} Moved"), OK):
            head = connection.request()
            length = int(header(head, "Content-Length") or 0)
            bodies.append((header(head, "Content-Type"), connection.sock.recv(length) if length else b""))
            connection.send(reply)

    with ScriptedServer(script) as server:
        api = UserApi(RequestLimits(allowed_hosts=("127.0.0.1",)))
        call = PreparedCall("POST", server.url, headers={"Content-Type": "text/plain"}, body=b"data")
        assert api.call(call, "key").status == 200
        api.close()
    assert bodies[0] == ("text/plain", b"data")
    assert bodies[1] == (("text/plain", b"data") if kept else (None, b""))


SECRETS = {"Authorization": "Bearer s3cret", "Cookie": "a=1", "X-Api-Key": "s3cret", "X-Auth-Token": "t", "Host": "x"}


@pytest.mark.parametrize(
    ("start", "location", "kept"),
    [
        ("http://api.example/", "/there", True),
        ("http://api.example/", "http://api.example:80/there", True),
        ("http://api.example/", "http://API.example/there", True),
        ("http://api.example/", "http://other.example/there", False),
        ("http://api.example/", "http://api.example:8080/there", False),
        ("http://api.example:8080/", "http://api.example/there", False),
    ],
)
def test_no_header_of_the_authors_is_sent_on_to_another_origin(
    network: FakeNetwork, api: UserApi, start: str, location: str, kept: bool
) -> None:
    network.names["other.example"] = [[PUBLIC]]
    network.answers = [redirect(location), OK]
    api.call(get(start, headers=SECRETS | {"X-Shop": "7"}), "permabots-1")
    following = network.requests[1]
    for name in ("Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "X-Shop", "Idempotency-Key"):
        assert (header(following, name) is not None) is kept
    assert (header(following, "Host") == "x") is kept


def test_user_and_password_of_an_address_go_with_a_redirect_on_its_server_only(
    network: FakeNetwork, api: UserApi
) -> None:
    network.names["other.example"] = [[PUBLIC]]
    network.answers = [redirect("/there"), redirect("http://other.example/"), OK]
    api.call(get("http://ann:s3cret@api.example/"), "key")
    assert [header(request, "Authorization") for request in network.requests] == ["Basic YW5uOnMzY3JldA=="] * 2 + [None]


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


# Whatever a template may give


def outcome(call: PreparedCall, *answers: bytes) -> tuple[ApiResponse, list[bytes]]:
    """Return what a call gives in a network of its own, and the requests that were sent."""
    with pytest.MonkeyPatch.context() as patch:
        network = FakeNetwork(patch)
        network.names["api.example"] = [[PUBLIC]]
        network.answers = list(answers)
        api = UserApi(RequestLimits(timeout=5.0))
        answered = api.call(call, "key")
        api.close()
        network.close()
    return answered, network.requests


TEXT = st.text(max_size=20)


@given(st.one_of(TEXT, TEXT.map("http://{}".format), TEXT.map("http://api.example{}".format)), TEXT)
@example("http://8/", "")
@example("http://api.example/\x00", "\ud800")
@example("http://api.example:0/", "")
def test_no_address_raises(url: str, value: str) -> None:
    answered, _ = outcome(get(url, params=((value, value),)))
    assert (answered.status == 0) == bool(answered.error)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20))
@example("//[")
@example("http://\x80:0")
@example("http://@:80/")
def test_no_redirect_raises(location: str) -> None:
    reply = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n"
    answered, _ = outcome(get("http://api.example/"), reply)
    assert (answered.status == 0) == bool(answered.error)


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=10), st.text(max_size=10))
@example("Host", "\x80")
@example("X", "\ud800")
@example("X", "a\r\nX-Evil: 1")
def test_no_header_adds_a_line(name: str, value: str) -> None:
    _, plain = outcome(get("http://api.example/"))
    answered, sent = outcome(get("http://api.example/", headers={name: value}))
    added = [request.count(b"\n") - plain[0].count(b"\n") for request in sent]
    assert added in ([0], [1]) if answered.succeeded else added == []


def test_a_redirect_to_nowhere_is_told_as_one(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("")]
    error = "a redirect does not say where it leads: its Location is empty"
    assert api.call(get("http://api.example/"), "key").error == error
    assert len(network.requests) == 1
