"""What comes of the answers of a user's API. A real server on this machine answers."""

from __future__ import annotations

import json

import pytest

from permabots.engine.http.client import UserApi
from permabots.testing.http11 import Reply, json_reply
from permabots.testing.user_api import UserApiServer
from tests.engine.api_server import api as api
from tests.engine.api_server import get
from tests.engine.api_server import server as server
from tests.engine.scripted_server import ScriptedServer, answer

# What is made of answers


@pytest.mark.parametrize("status", [404, 500, 301])
def test_any_status_has_its_data(server: UserApiServer, api: UserApi, status: int) -> None:
    server.add_route("/u/x", {"detail": "nope"}, status=status)
    answered = api.call(get(f"{server.base}/x"), "key")
    assert (answered.status, answered.data, answered.error) == (status, {"detail": "nope"}, "")


@pytest.mark.parametrize(("status", "succeeded"), [(200, True), (299, True), (300, False)])
def test_success_is_a_status_of_the_two_hundreds(
    server: UserApiServer, api: UserApi, status: int, succeeded: bool
) -> None:
    server.add_route("/u/x", {}, status=status)
    assert api.call(get(f"{server.base}/x"), "key").succeeded is succeeded


def test_an_answer_without_body_is_no_error(server: UserApiServer, api: UserApi) -> None:
    answered = api.call(get(f"{server.base}/nocontent"), "key")
    assert (answered.status, answered.data, answered.error) == (204, {}, "")


@pytest.mark.parametrize("data", [0, 1.5, True, None, [], {}])
def test_any_json_is_data(server: UserApiServer, api: UserApi, data: object) -> None:
    server.add_route("/u/x", lambda _: json_reply(data))
    answered = api.call(get(f"{server.base}/x"), "key")
    assert (answered.data, answered.error) == (data, "")


def test_a_json_string_is_the_data(server: UserApiServer, api: UserApi) -> None:
    assert api.call(get(f"{server.base}/string"), "key").data == "a plain JSON string"


def test_an_answer_that_is_not_json_has_no_data_and_says_so(server: UserApiServer, api: UserApi) -> None:
    answered = api.call(get(f"{server.base}/text"), "key")
    assert answered.for_templates() == {"status": 200, "data": {}, "error": "the answer is not JSON"}
    assert answered.text == "just text"


def test_a_state_remembers_status_and_data_alone(server: UserApiServer, api: UserApi) -> None:
    assert api.call(get(f"{server.base}/text"), "key").for_context() == {"status": 200, "data": {}}


@pytest.mark.parametrize(
    "body", ["NaN", "[Infinity]", "-Infinity", "1e999", '{"a": -1e999}', "1" * 4301, "[" * 100_000, "{", "\ufffd"]
)
def test_what_no_database_takes_as_json_is_not_json(server: UserApiServer, api: UserApi, body: str) -> None:
    server.add_route("/u/x", lambda _: Reply(200, body.encode()[:9000]))
    answered = api.call(get(f"{server.base}/x"), "key")
    assert (answered.status, answered.data, answered.error) == (200, {}, "the answer is not JSON")
    assert answered.text == body[:9000]


@pytest.mark.parametrize(("depth", "taken"), [(64, True), (65, False), (400, False)])
def test_nesting_has_an_end(server: UserApiServer, api: UserApi, depth: int, taken: bool) -> None:
    server.add_route(
        "/u/x",
        lambda _: Reply(
            200, b'[{"a":' * (depth // 2) + b"[]" * (depth % 2) + b"1" * (1 - depth % 2) + b"}]" * (depth // 2)
        ),
    )
    answered = api.call(get(f"{server.base}/x"), "key")
    assert answered.error == ("" if taken else "the answer's JSON is nested more than 64 deep")
    assert bool(answered.data) is taken


def test_characters_that_no_database_takes_are_replaced(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/x", lambda _: Reply(200, rb'{"a\u0000": ["\ud800", "b"]}'))
    assert api.call(get(f"{server.base}/x"), "key").data == {"a\ufffd": ["\ufffd", "b"]}


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        ('{"a": "grün"}'.encode(), "application/json", "grün"),
        (b"\xef\xbb\xbf" + '{"a": "grün"}'.encode(), "application/json", "grün"),
        ('{"a": "grün"}'.encode("utf-16"), "application/json", "grün"),
        ('{"a": "grün"}'.encode("latin-1"), "application/json; charset=iso-8859-1", "grün"),
        ('{"a": "жук"}'.encode("cp1251"), "application/json; charset=windows-1251", "жук"),
        ('{"a": "grün"}'.encode("latin-1"), "application/json; charset=klingon", "grün"),
        ('{"a": "grün"}'.encode("latin-1"), "", "grün"),
    ],
)
def test_an_answer_in_another_character_set_is_read(
    server: UserApiServer, api: UserApi, body: bytes, content_type: str, name: str
) -> None:
    server.add_route("/u/x", lambda _: Reply(200, body, {"Content-Type": content_type} if content_type else {}))
    assert api.call(get(f"{server.base}/x"), "key").data == {"a": name}


NOT_CHARACTER_SETS = ("base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "undefined")


@pytest.mark.parametrize("charset", [*NOT_CHARACTER_SETS, "unicode_escape", "utf-7", "charmap", "../x", "x" * 9000])
def test_a_codec_that_is_no_character_set_is_not_used(server: UserApiServer, api: UserApi, charset: str) -> None:
    header = {"Content-Type": f"text/plain; charset={charset}"}
    server.add_route("/u/x", lambda _: Reply(200, b'{"a": "gr\xfcn"}', header))
    assert api.call(get(f"{server.base}/x"), "key").data == {"a": "grün"}


def test_a_chunked_answer_is_read(api: UserApi) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in json.dumps({"a": 1}).encode())
    with ScriptedServer(lambda c: c.request() and c.send(head + chunks + b"0\r\n\r\n")) as scripted:
        assert api.call(get(scripted.url), "key").data == {"a": 1}


def test_an_answer_that_is_not_http_is_told(api: UserApi) -> None:
    with ScriptedServer(lambda c: c.request() and c.send(b"220 smtp.example ready\r\n")) as scripted:
        assert api.call(get(scripted.url), "key").error == "the answer is not HTTP"


def test_an_answer_whose_compression_is_broken_is_told(api: UserApi) -> None:
    broken = answer(b"no gzip at all", "Content-Encoding: gzip")
    with ScriptedServer(lambda c: c.request() and c.send(broken)) as scripted:
        assert api.call(get(scripted.url), "key").error == "the answer is not compressed as its Content-Encoding says"
