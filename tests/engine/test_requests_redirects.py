"""Where redirects lead, and what goes along: no secret to another origin."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.engine.http.client import PreparedCall, RequestLimits, UserApi
from tests.engine.fake_network import OK, FakeNetwork
from tests.engine.network_calls import PUBLIC, SECRETS, get, header, redirect
from tests.engine.network_calls import api as api
from tests.engine.network_calls import network as network
from tests.engine.scripted_server import ScriptedServer
from tests.engine.scripted_server import answer as http_answer

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
        ("\x01https://api.example/", "the address does not begin with http:// or https://"),
        ("ht\ttps://api.example/", "the address does not begin with http:// or https://"),
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


def test_a_redirect_to_nowhere_is_told_as_one(network: FakeNetwork, api: UserApi) -> None:
    network.answers = [redirect("")]
    error = "a redirect does not say where it leads: its Location is empty"
    assert api.call(get("http://api.example/"), "key").error == error
    assert len(network.requests) == 1
