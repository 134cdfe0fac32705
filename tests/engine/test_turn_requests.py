"""The request of a turn. The user's API is a real server on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from permabots.engine.definitions import (
    ParameterDefinition,
    RequestDefinition,
    VariableDefinition,
)
from permabots.engine.http.client import UserApi
from permabots.engine.turn_values import Outcome
from permabots.testing.user_api import UserApiServer
from permabots.values import Answer
from tests.engine.api_server import server as server
from tests.engine.turns import MENU, answered, bot, handler, turn
from tests.engine.turns import api as api

# The request


def test_templates_see_the_answer_of_the_request(server: UserApiServer, api: UserApi) -> None:
    request = RequestDefinition(f"{server.base}/item/{{{{ pattern.id }}}}")
    outcome = bot(handler(r"(?P<id>\d+)", "{{ response.status }} {{ response.data.name }}", request=request)).answer(
        turn("get 7"), api
    )
    assert outcome.answer.texts == ("200 author7",)
    assert [call.path for call in server.requests] == ["/u/item/7"]
    assert server.requests[0].headers["idempotency-key"] == "permabots-1"


def test_a_request_is_sent_as_configured(server: UserApiServer, api: UserApi) -> None:
    request = RequestDefinition(
        f"{server.base}/echo",
        "Post",
        {"text": "{{ message.message.text }}"},
        (ParameterDefinition("q", "{{ env.q }}"),),
        (ParameterDefinition("X-Test", "{{ pattern.n }}"),),
    )
    compiled = bot(
        handler("(?P<n>.*)", "{{ response.data|tojson }}", request=request), variables=(VariableDefinition("q", "1 2"),)
    )
    compiled.answer(turn("hi"), api)
    sent = server.requests[0]
    assert (sent.method, sent.query, sent.headers["x-test"]) == ("POST", [("q", "1 2")], "hi")
    assert (sent.headers["content-type"], sent.json()) == ("application/json", {"text": "hi"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("item/99", "404 nope"),
        ("fail500", "500"),
        ("text", "200"),
        ("nocontent", "204"),
        ("redirect", "200"),
    ],
)
def test_any_status_is_answered(server: UserApiServer, api: UserApi, path: str, text: str) -> None:
    outcome = answered(
        api, "x", "{{ response.status }} {{ response.data.detail }}", request=RequestDefinition(f"{server.base}/{path}")
    )
    assert outcome.answer.texts == (text,)


def test_a_request_that_fails_is_answered_too(api: UserApi) -> None:
    template = "{{ response.status }} {{ response.data }} {% if response.error %}{{ response.error }}{% endif %}"
    outcome = answered(api, "x", template, request=RequestDefinition("http://10.0.0.1/"))
    assert outcome.answer.texts == ("0 {} 10.0.0.1 is a private address",)


@pytest.mark.parametrize("path", ["item/7", "created", "nocontent", "text", "redirect"])
def test_success_of_the_request_moves_the_chat(server: UserApiServer, api: UserApi, path: str) -> None:
    outcome = answered(api, "x", "x", request=RequestDefinition(f"{server.base}/{path}"), target_state=MENU)
    assert outcome.next_state == MENU


def test_an_answer_that_is_not_json_is_kept_as_none(server: UserApiServer, api: UserApi) -> None:
    outcome = answered(api, "x", "x", request=RequestDefinition(f"{server.base}/text"), target_state=MENU)
    assert outcome.contexts == {"_start": {"pattern": {}, "response": {"status": 200, "data": {}}}}


@pytest.mark.parametrize(
    ("url", "note"),
    [
        ("{base}/item/99", "the chat does not move to Main Menu: the API answered 404"),
        ("{base}/fail500", "the chat does not move to Main Menu: the API answered 500"),
        ("http://10.0.0.1/", "the chat does not move to Main Menu: the API gave no answer"),
    ],
)
def test_a_request_without_success_keeps_the_chat_where_it_is(
    server: UserApiServer, api: UserApi, url: str, note: str
) -> None:
    request = RequestDefinition(url.format(base=server.base))
    outcome = answered(api, "x", "sorry", request=request, target_state=MENU)
    assert (outcome.answer.texts, outcome.next_state, outcome.contexts) == (("sorry",), None, None)
    assert outcome.trace["notes"] == [note]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"url_template": "{{ 1 / 0 }}"}, "url"),
        ({"url_parameters": (ParameterDefinition("q", "{{ 1 / 0 }}"),)}, "parameter q"),
        ({"header_parameters": (ParameterDefinition("X-A", "{{ 1 / 0 }}"),)}, "header X-A"),
        ({"method": "Post", "data": '{"a": '}, "data"),
    ],
)
def test_an_error_in_the_request_ends_the_turn_before_it_is_made(
    server: UserApiServer, api: UserApi, fields: dict[str, Any], where: str
) -> None:
    request = replace(RequestDefinition(f"{server.base}/echo"), **fields)
    outcome = answered(api, "x", "x", request=request, target_state=MENU)
    assert outcome == Outcome("h", Answer(), None, None, outcome.trace, outcome.error)
    assert outcome.error.startswith(f"{where}: ")
    assert server.requests == []
