"""The trace of a turn: what it tells of the request, and that it tells no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from permabots.engine.definitions import (
    BotDefinition,
    HandlerDefinition,
    ParameterDefinition,
    RequestDefinition,
    ResponseDefinition,
    VariableDefinition,
)
from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, TurnInput
from permabots.testing.http11 import Reply
from permabots.testing.user_api import UserApiServer
from permabots.values import Json

SECRET = 's3/cr "et&ü'
VARIABLES = (VariableDefinition("secret", SECRET, secret=True), VariableDefinition("shop", "Shop"))


@pytest.fixture
def server() -> Iterator[UserApiServer]:
    with UserApiServer() as running:
        running.add_route("/u/mirror", mirrored, method="POST")
        yield running


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


def mirrored(request: Any) -> Json:
    return {"headers": dict(request.headers), "body": request.text, "target": request.target}


def trace(api: UserApi, request: RequestDefinition | None, text: str = "x", message: str = "x") -> dict[str, Json]:
    handler = HandlerDefinition("h", "first", "(?P<all>(?s:.*))", ResponseDefinition(text), request)
    compiled = CompiledBot(BotDefinition("b", 1, (handler,), VARIABLES), EngineLimits())
    return compiled.answer(TurnInput("kik", message, {"body": message}, None, {}, "permabots-1"), api).trace


def parameters(**values: str) -> tuple[ParameterDefinition, ...]:
    return tuple(ParameterDefinition(name.replace("_", "-"), value) for name, value in values.items())


def test_a_turn_without_request_tells_what_there_is_and_no_more(api: UserApi) -> None:
    told = trace(api, None)
    del told["ms"]
    assert told == {"handler": {"id": "h", "name": "first"}, "pattern": {"all": "x"}, "texts": ["x"]}


def test_the_request_and_its_answer_are_told(server: UserApiServer, api: UserApi) -> None:
    request = RequestDefinition(
        f"{server.base}/created", "Post", {"a": 1}, parameters(q="1 2"), parameters(X_Test="yes")
    )
    told = trace(api, request)["request"]
    assert told.pop("ms") > 0
    assert told == {
        "method": "POST",
        "url": f"{server.base}/created?q=1+2",
        "headers": {"X-Test": "yes", "Content-Type": "application/json"},
        "body": '{"a": 1}',
        "status": 201,
        "data": {"name": "made"},
    }


def test_a_request_without_answer_tells_why(api: UserApi) -> None:
    told = trace(api, RequestDefinition("http://10.0.0.1/"))["request"]
    assert (told["status"], told["error"]) == (0, "10.0.0.1 is a private address")


def test_an_answer_that_is_not_json_is_shown(server: UserApiServer, api: UserApi) -> None:
    told = trace(api, RequestDefinition(f"{server.base}/text"))["request"]
    assert (told["status"], told["error"], told["text"]) == (200, "the answer is not JSON", "just text")
    assert "data" not in told


def test_a_long_answer_is_shortened(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/long", [{"text": "x" * 5000, "n": n} for n in range(100)])
    assert len(json.dumps(trace(api, RequestDefinition(f"{server.base}/long")))) < 10_000


def test_names_that_are_not_defined_are_told_once(api: UserApi) -> None:
    assert trace(api, None, "{{ a.b }}{{ a.b }}{{ pattern.c }}x")["undefined"] == ["a.b", "pattern.c"]


# Secrets


def everything(server: UserApiServer) -> RequestDefinition:
    return RequestDefinition(
        f"{server.base}/mirror?s={{{{ env.secret }}}}",
        "Post",
        {"deep": [{"{{ env.secret }}": "{{ env.secret }}"}], "said": "{{ pattern.all }}"},
        parameters(q="{{ env.secret }}", token="of the page"),
        parameters(X_Test="{{ env.secret|urlencode }}", Authorization="Bearer {{ pattern.all|length }}abcdef"),
    )


def test_a_secret_variable_is_told_nowhere(server: UserApiServer, api: UserApi) -> None:
    told = trace(
        api,
        everything(server),
        text="{{ env.secret }} {{ response.data }} {{ pattern.all }}",
        message=f"I say {SECRET} and {json.dumps(SECRET)}",
    )
    assert told["request"]["status"] == 200
    shown = json.dumps(told, ensure_ascii=False)
    for part in ("s3/", "s3%2F", "s3%252F", "cr ", "et&", "et%26", "cr+", "cr%20", "et%C3"):
        assert part not in shown
    assert (
        told["request"]["body"] == '{"deep": [{"[secret]": "[secret]"}], "said": "I say [secret] and \\"[secret]\\""}'
    )
    assert told["texts"][0].startswith("[secret] ")


def test_a_header_with_a_secrets_name_is_told_nowhere(server: UserApiServer, api: UserApi) -> None:
    told = trace(api, everything(server), text="{{ response.data.headers.authorization }}", message="xx")
    assert told["request"]["headers"]["Authorization"] == "[secret]"
    assert told["texts"] == ["[secret]"]
    assert "abcdef" not in json.dumps(told)


@pytest.mark.parametrize(
    "name", ["Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "X-Token", "X-Secret", "My-Key-Id"]
)
def test_headers_with_these_names_are_hidden(server: UserApiServer, api: UserApi, name: str) -> None:
    request = RequestDefinition(f"{server.base}/list", header_parameters=(ParameterDefinition(name, "abc"),))
    assert trace(api, request)["request"]["headers"] == {name: "[secret]"}


def test_a_short_value_of_such_a_header_is_hidden_only_there(server: UserApiServer, api: UserApi) -> None:
    request = RequestDefinition(f"{server.base}/item/1", header_parameters=parameters(X_Key="1", X_Token=""))
    told = trace(api, request, text="{{ response.data.id }}")
    assert told["texts"] == ["1"]


def test_the_credentials_of_an_address_are_told_nowhere(server: UserApiServer, api: UserApi) -> None:
    url = server.base.replace("://", "://ann:passw0rd@") + "/mirror"
    told = trace(api, RequestDefinition(url, "Post"), text="{{ response.data.headers.authorization }}")
    assert told["request"]["url"].endswith(f"[secret]@127.0.0.1:{server.port}/u/mirror")
    assert told["texts"] == ["Basic [secret]"]
    assert "passw0rd" not in json.dumps(told)


def test_a_query_parameter_with_a_secrets_name_is_hidden(server: UserApiServer, api: UserApi) -> None:
    request = RequestDefinition(f"{server.base}/list", url_parameters=parameters(api_key="abc", page="2"))
    assert trace(api, request)["request"]["url"] == f"{server.base}/list?api-key=[secret]&page=2"


def test_a_secret_in_an_error_is_hidden(api: UserApi) -> None:
    told = trace(api, RequestDefinition("http://10.0.0.1/", "Post", "{{ env.secret }}"))
    assert told["error"]["where"] == "data"
    assert "s3/" not in json.dumps(told)


def test_a_part_of_a_secret_in_an_error_is_hidden(api: UserApi) -> None:
    secret = VariableDefinition("key", "0123456789" * 30, secret=True)
    request = RequestDefinition("http://10.0.0.1/", "Post", "{{ env.key }} is no JSON")
    handler = HandlerDefinition("h", "n", "", ResponseDefinition("x"), request)
    compiled = CompiledBot(BotDefinition("b", 1, (handler,), (secret,)), EngineLimits())
    told = compiled.answer(TurnInput("kik", "b", {}, None, {}, "k"), api).trace
    assert told["error"]["where"] == "data"
    assert "2345" not in told["error"]["message"]


def test_a_secret_in_a_handlers_name_is_hidden(api: UserApi) -> None:
    handlers = (
        HandlerDefinition("1", f"not {SECRET}", "^a$", ResponseDefinition("x")),
        HandlerDefinition("2", f"yes {SECRET}", "^b$", ResponseDefinition("x")),
    )
    compiled = CompiledBot(BotDefinition("b", 1, handlers, VARIABLES), EngineLimits())
    told = compiled.answer(TurnInput("kik", "b", {}, None, {}, "k"), api).trace
    assert told["handler"] == {"id": "2", "name": "yes [secret]"}
    assert told["rejected"] == [{"id": "1", "name": "not [secret]", "reason": "pattern"}]


def test_a_secret_that_comes_back_as_a_number_is_hidden(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/pin", lambda _: Reply(200, b'{"pin": 123456}'))
    handler = HandlerDefinition("h", "n", "", ResponseDefinition("x"), RequestDefinition(f"{server.base}/pin"))
    variables = (VariableDefinition("pin", "123456", secret=True),)
    compiled = CompiledBot(BotDefinition("b", 1, (handler,), variables), EngineLimits())
    told = compiled.answer(TurnInput("kik", "b", {}, None, {}, "k"), api).trace
    assert told["request"]["data"] == {"pin": "[secret]"}


def test_a_variable_that_is_not_secret_is_shown(api: UserApi) -> None:
    assert trace(api, None, "{{ env.shop }}")["texts"] == ["Shop"]
