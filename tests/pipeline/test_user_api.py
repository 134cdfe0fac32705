"""What reaches an author's API of what they configured, and what people are told of its answer."""

from __future__ import annotations

from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import pytest

from permabots.models import Bot
from permabots.testing import TelegramServer, UserApiServer
from permabots.testing.http11 import Reply
from permabots.values import Json
from tests.api.conftest import Api
from tests.engine.scripted_server import ScriptedServer, answer
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

FORM = {"key": "Content-Type", "value_template": "application/x-www-form-urlencoded"}
_updates = count(1)


def ask(bot: Bot, request: dict[str, Any], text: str = "{{ response.data.name }}{{ response.error }}") -> None:
    """Have an author configure a request over the REST API, and a person cause it."""
    body = {"name": "ask", "pattern": "^ask", "request": request, "response": {"text_template": text}}
    made = Api(bot.owner).post(f"bots/{bot.pk}/handlers/", body)
    assert made.status_code == 201, made.content
    drain(say(bot, "ask me", next(_updates)))


def send_form(bot: Bot, user_api: UserApiServer, data: Json) -> list[tuple[str, str]]:
    """Return the fields of a form that an author's API was sent."""
    request = {"url_template": f"{user_api.base}/echo", "method": "Post", "data": data, "header_parameters": [FORM]}
    ask(bot, request)
    sent = parse_qsl(user_api.requests[-1].text, keep_blank_values=True, strict_parsing=bool(data))
    return sorted(sent, key=lambda field: field[0])  # databases keep the names of an object in orders of their own


# JSON that is sent as a form


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"order": {"id": 7, "size": "L"}}, [("order[id]", "7"), ("order[size]", "L")]),
        ({"a": {"b": {"c": "deep"}}}, [("a[b][c]", "deep")]),
        ({"items": [{"n": 1}, {"n": 2}]}, [("items[0][n]", "1"), ("items[1][n]", "2")]),
        ({"rows": [[1, 2], [3]]}, [("rows[0]", "1"), ("rows[0]", "2"), ("rows[1]", "3")]),
        ({"a": {"tags": ["x", "y"]}}, [("a[tags]", "x"), ("a[tags]", "y")]),
        ({"mixed": ["x", {"n": 1}]}, [("mixed[0]", "x"), ("mixed[1][n]", "1")]),
        ([["order", {"id": 7}], ["order", "x"]], [("order", "x"), ("order[id]", "7")]),
        ('{"order": {"id": {{ "7" }}}}', [("order[id]", "7")]),
    ],
)
def test_a_form_has_every_value_that_its_data_has(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, data: Json, fields: list[tuple[str, str]]
) -> None:
    assert send_form(bot, user_api, data) == fields


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"yes": True, "no": False}, [("no", "false"), ("yes", "true")]),
        ({"list": [True, 1.5, "x"]}, [("list", "true"), ("list", "1.5"), ("list", "x")]),
        ({"o": {"yes": True}}, [("o[yes]", "true")]),
        ([[True, False]], [("true", "false")]),
        ({"none": None, "list": [None, 1], "o": {"none": None}}, [("list", "1")]),
    ],
)
def test_a_form_is_written_in_json_words_and_not_in_pythons(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, data: Json, fields: list[tuple[str, str]]
) -> None:
    assert send_form(bot, user_api, data) == fields


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"a": "1", "list": [1, 2]}, [("a", "1"), ("list", "1"), ("list", "2")]),
        ([["a", "b"], ["a", "ü &"]], [("a", "b"), ("a", "ü &")]),
        ({}, []),
    ],
)
def test_a_flat_form_is_sent_as_ever(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, data: Json, fields: list[tuple[str, str]]
) -> None:
    assert send_form(bot, user_api, data) == fields


# The character set of an answer


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/problem+json",
        "text/plain",
        "application/json; charset=utf-8",
        "application/json; charset=undefined",
        "application/json; charset=punycode",
        "",
    ],
)
def test_an_answer_is_read_alike_whatever_type_it_says_it_has(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, encoding: str, content_type: str
) -> None:
    body = '{"name": "grün"}'.encode(encoding)
    headers = {"Content-Type": content_type} if content_type else {}
    user_api.add_route("/u/x", lambda _: Reply(200, body, headers))
    ask(bot, {"url_template": f"{user_api.base}/x"})
    assert telegram.texts(7) == ["grün"]


@pytest.mark.parametrize("charset", ["iso-8859-1", '"ISO-8859-1"', "us-ascii", "windows-1252", "klingon"])
def test_what_servers_call_latin_1_is_what_browsers_read(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, charset: str
) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    user_api.add_route("/u/x", lambda _: Reply(200, '{"name": "5 € “ü”"}'.encode("cp1252"), headers))
    ask(bot, {"url_template": f"{user_api.base}/x"})
    assert telegram.texts(7) == ["5 € “ü”"]


# What comes before an answer

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nContent-Length: 5\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NAMED = answer(b'{"name": "the answer"}', "Content-Type: application/json")


@pytest.mark.parametrize(
    "before",
    [HINTS, PROCESSING, CONTINUE, HINTS + HINTS, CONTINUE + PROCESSING + HINTS, b"HTTP/1.1 199 Odd\r\nX: 1\r\n\r\n"],
)
@pytest.mark.parametrize("method", ["Get", "Post"])
def test_an_interim_answer_is_not_the_answer(bot: Bot, telegram: TelegramServer, before: bytes, method: str) -> None:
    with ScriptedServer(lambda connection: connection.request() and connection.send(before + NAMED)) as server:
        ask(bot, {"url_template": server.url, "method": method}, "{{ response.status }} {{ response.data.name }}")
    assert telegram.texts(7) == ["200 the answer"]


def test_a_redirect_after_an_interim_answer_is_followed(bot: Bot, telegram: TelegramServer) -> None:
    replies = [HINTS + answer(b"", "Location: /there", status="302 Found"), HINTS + NAMED]

    def script(connection: Any) -> None:
        for reply in replies:
            connection.request()
            connection.send(reply)

    with ScriptedServer(script) as server:
        ask(bot, {"url_template": server.url})
        assert server.connections == 1
    assert telegram.texts(7) == ["the answer"]


def test_interim_answers_without_end_are_given_up(bot: Bot, telegram: TelegramServer) -> None:
    def script(connection: Any) -> None:
        connection.request()
        while True:
            connection.send(PROCESSING * 1000)

    with ScriptedServer(script) as server:
        ask(bot, {"url_template": server.url})
    assert telegram.texts(7) == ["the answer is not HTTP"]


# Redirects to another origin

HEADERS = {
    "X-Auth": "mine-1",
    "Authorization": "Bearer mine-2",
    "X-Shop": "mine-3",
    "User-Agent": "mine-4",
    "Accept": "mine-5",
    "Content-Type": "text/mine-6",
    "Idempotency-Key": "mine-7",
}
PARAMETERS = [{"key": name, "value_template": value} for name, value in HEADERS.items()]


def redirect(user_api: UserApiServer, target: str, status: int) -> None:
    user_api.add_route("/u/old", lambda _: Reply(status, b"", {"Location": target}))


@pytest.mark.parametrize("headers", [PARAMETERS, PARAMETERS[:2], []])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_of_the_authors_goes_to_another_origin(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, status: int, headers: list[dict[str, str]]
) -> None:
    with UserApiServer() as other:
        redirect(user_api, f"{other.base}/item/7", status)
        ask(bot, {"url_template": f"{user_api.base}/old", "header_parameters": headers})
        (request,) = other.requests
    assert "mine" not in str(request.headers)
    assert not {"idempotency-key", "content-type"} & set(request.headers)
    assert telegram.texts(7) == ["author7"]


@pytest.mark.parametrize("method", ["Post", "Put", "Patch"])
@pytest.mark.parametrize("status", [307, 308])
def test_data_goes_to_no_other_origin_and_nothing_is_asked_there_without_it(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, status: int, method: str
) -> None:
    with UserApiServer() as other:
        redirect(user_api, f"{other.base}/item/7", status)
        ask(bot, {"url_template": f"{user_api.base}/old", "method": method, "data": {"card": "mine"}})
        assert other.requests == []
    assert telegram.texts(7) == ["a redirect leads to another server, and data is not sent on to one"]


@pytest.mark.parametrize(("status", "following"), [(301, "GET"), (302, "GET"), (303, "GET")])
def test_a_post_that_becomes_a_get_is_followed_without_its_data(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, status: int, following: str
) -> None:
    with UserApiServer() as other:
        redirect(user_api, f"{other.base}/item/7", status)
        ask(bot, {"url_template": f"{user_api.base}/old", "method": "Post", "data": {"card": "mine"}})
        (request,) = other.requests
    assert (request.method, request.body) == (following, b"")
    assert telegram.texts(7) == ["author7"]


def test_what_was_left_behind_does_not_come_back_with_a_second_redirect(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer
) -> None:
    with UserApiServer() as other:
        redirect(user_api, f"{other.base}/back", 302)
        other.add_route("/u/back", lambda _: Reply(302, b"", {"Location": f"{user_api.base}/item/7"}))
        ask(bot, {"url_template": f"{user_api.base}/old", "header_parameters": PARAMETERS})
    assert "mine" not in str(user_api.requests[-1].headers)
    assert telegram.texts(7) == ["author7"]


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_within_one_origin_keeps_all(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer, status: int
) -> None:
    redirect(user_api, "/u/item/7", status)
    request = {"url_template": f"{user_api.base}/old", "method": "Post", "data": {"card": "mine"}}
    ask(bot, {**request, "header_parameters": PARAMETERS})
    first, second = user_api.requests
    assert (second.headers, second.body, second.method) == (first.headers, first.body, "POST")
    assert telegram.texts(7) == ["author7"]
