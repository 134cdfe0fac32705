"""Calls to a user's API as it sees them. A real server on this machine answers."""

from __future__ import annotations

import pytest

from permabots import __version__
from permabots.engine.http.client import PreparedCall, UserApi
from permabots.testing.http11 import Reply
from permabots.testing.user_api import UserApiServer
from tests.engine.api_server import api as api
from tests.engine.api_server import get
from tests.engine.api_server import server as server

# What is sent


def test_an_answer_has_its_status_and_data(server: UserApiServer, api: UserApi) -> None:
    answered = api.call(get(f"{server.base}/item/7"), "key")
    assert (answered.status, answered.data, answered.error) == (200, {"id": "7", "name": "author7"}, "")
    assert answered.ms > 0


def test_templates_see_status_and_data_and_an_error_only_where_there_is_one(
    server: UserApiServer, api: UserApi
) -> None:
    assert api.call(get(f"{server.base}/created"), "key").for_templates() == {"status": 201, "data": {"name": "made"}}
    assert api.call(get("ftp://x"), "key").for_templates() == {
        "status": 0,
        "data": {},
        "error": "the address does not begin with http:// or https://",
    }


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_method_is_sent(server: UserApiServer, api: UserApi, method: str) -> None:
    assert api.call(PreparedCall(method, f"{server.base}/echo"), "key").data["method"] == method


def test_query_parameters_are_added_to_those_of_the_address(server: UserApiServer, api: UserApi) -> None:
    call = get(f"{server.base}/echo?a=1#top", params=(("b", "ä & ö"), ("b", "2")))
    assert api.call(call, "key").data["query"] == [["a", "1"], ["b", "ä & ö"], ["b", "2"]]


def test_query_parameters_make_a_query_of_their_own(server: UserApiServer, api: UserApi) -> None:
    assert api.call(get(f"{server.base}/echo", params=(("b", "2"),)), "key").data["query"] == [["b", "2"]]


def test_headers_are_sent_as_utf_8_without_blanks_around_them(server: UserApiServer, api: UserApi) -> None:
    api.call(get(f"{server.base}/echo", headers={"X-Test": " grün \N{SLICE OF PIZZA} "}), "key")
    assert server.requests[-1].headers["x-test"].encode("latin-1").decode() == "grün \N{SLICE OF PIZZA}"


def test_a_body_is_sent_as_it_is(server: UserApiServer, api: UserApi) -> None:
    call = PreparedCall("POST", f"{server.base}/echo", headers={"Content-Type": "text/plain"}, body="grün".encode())
    assert api.call(call, "key").data == {
        "method": "POST",
        "query": [],
        "ct": "text/plain",
        "x": None,
        "body": "grün",
    }


def test_a_post_without_body_says_so(server: UserApiServer, api: UserApi) -> None:
    api.call(PreparedCall("POST", f"{server.base}/echo"), "key")
    assert server.requests[-1].headers["content-length"] == "0"


def test_the_idempotency_key_is_sent(server: UserApiServer, api: UserApi) -> None:
    api.call(get(f"{server.base}/echo"), "permabots-1")
    assert server.requests[-1].headers["idempotency-key"] == "permabots-1"


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("permabots-1-m_AbC:7$/=", "permabots-1-m_AbC:7$/="),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil:%201"),
        ("\N{SLICE OF PIZZA}\ud800", "%F0%9F%8D%95?"),
    ],
)
def test_an_idempotency_key_is_one_line_of_ascii(server: UserApiServer, api: UserApi, key: str, sent: str) -> None:
    assert api.call(get(f"{server.base}/echo"), key).status == 200
    assert server.requests[-1].headers["idempotency-key"] == sent


def test_the_authors_own_idempotency_key_is_kept(server: UserApiServer, api: UserApi) -> None:
    api.call(get(f"{server.base}/echo", headers={"idempotency-key": "mine"}), "permabots-1")
    assert server.requests[-1].headers["idempotency-key"] == "mine"


def test_the_client_names_itself(server: UserApiServer, api: UserApi) -> None:
    api.call(get(f"{server.base}/echo"), "key")
    assert server.requests[-1].headers["user-agent"] == f"permabots/{__version__}"


def test_user_and_password_of_an_address_become_basic_authentication(server: UserApiServer, api: UserApi) -> None:
    api.call(get(f"{server.base}/echo".replace("://", "://ann:s3cret@")), "key")
    assert server.requests[-1].headers["authorization"] == "Basic YW5uOnMzY3JldA=="


def test_no_cookie_of_an_answer_is_sent_back(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/cookie", lambda _: Reply(200, b"{}", {"Set-Cookie": "session=1; Path=/"}))
    api.call(get(f"{server.base}/cookie"), "key")
    api.call(get(f"{server.base}/echo"), "key")
    assert "cookie" not in server.requests[-1].headers


def test_no_proxy_of_the_environment_is_used(
    server: UserApiServer, api: UserApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert api.call(get(f"{server.base}/item/7"), "key").status == 200


# What is refused before anything is sent


@pytest.mark.parametrize("value", ["a\nX-Evil: 1", "a\r\nX-Evil: 1", "a\rb", "a\x00b", "end\n"])
def test_a_header_with_a_line_break_is_not_sent(server: UserApiServer, api: UserApi, value: str) -> None:
    answered = api.call(get(f"{server.base}/echo", headers={"X-Test": value}), "key")
    assert answered.for_templates() == {
        "status": 0,
        "data": {},
        "error": "the header X-Test would hold a line break or another control character",
    }
    assert server.requests == []


@pytest.mark.parametrize("name", ["", "X Test", "X:Test", "X\nTest", "Ü"])
def test_a_header_whose_name_is_none_is_not_sent(server: UserApiServer, api: UserApi, name: str) -> None:
    answered = api.call(get(f"{server.base}/echo", headers={name: "1"}), "key")
    assert answered.error == f"{name!r} cannot be the name of a header"
    assert server.requests == []


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Connection", "Expect"])
def test_a_header_that_says_where_the_request_ends_is_not_the_authors_to_set(
    server: UserApiServer, api: UserApi, name: str
) -> None:
    answered = api.call(get(f"{server.base}/echo", headers={name: "5"}), "key")
    assert answered.error == f"the header {name} is set by the connection itself"
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", "the address does not begin with http:// or https://"),
        ("example.com/x", "the address does not begin with http:// or https://"),
        ("\x01http://example.com/a b", "the address does not begin with http:// or https://"),
        ("ht\ttp://example.com/a b", "the address does not begin with http:// or https://"),
        ("file:///etc/passwd", "the address does not begin with http:// or https://"),
        ("gopher://127.0.0.1/x", "the address does not begin with http:// or https://"),
        ("http://", "the address has no host"),
        ("https:///path", "the address has no host"),
        ("http://[::1", "the address cannot be read"),
        ("http://127.0.0.1:99999/", "the address cannot be read"),
        ("http://127.0.0.1:port/", "the address cannot be read"),
        ("http://*.example/", "the address cannot be read"),
        ("http://%D0%B6:x@127.0.0.1/", "the address cannot be read"),
    ],
)
def test_an_address_that_cannot_be_called_is_told(api: UserApi, url: str, error: str) -> None:
    assert api.call(get(url), "key").for_templates() == {"status": 0, "data": {}, "error": error}


def test_neither_url_nor_body_is_in_a_repr() -> None:
    call = PreparedCall("POST", "http://x/?token=s3cret", (("a", "s3cret"),), {"X": "s3cret"}, b"s3cret")
    assert "s3cret" not in repr(call)
