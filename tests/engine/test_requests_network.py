"""Where calls go: names and addresses. Look-ups and connections are the tests' own."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from permabots.engine.http.client import ApiResponse, PreparedCall, RequestLimits, UserApi
from tests.engine.fake_network import FakeNetwork
from tests.engine.network_calls import PUBLIC, get
from tests.engine.network_calls import api as api
from tests.engine.network_calls import network as network
from tests.engine.scripted_server import answer as http_answer

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
        ("localhost", "localhost leads to a private address"),
        ("2130706433", "2130706433 leads to a private address"),
        ("evil.example", "evil.example leads to a private address"),
        ("mixed.example", "mixed.example leads to a private address"),
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
    assert error == "rebound.example leads to a private address"
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
    assert api.call(get("http://intern.example/"), "key").error == "intern.example leads to a private address"
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
        (OSError("odd"), "no usable answer"),
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
