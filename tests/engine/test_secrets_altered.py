"""A secret is hidden where something cuts, masks, splits or escapes the text that holds it."""

from __future__ import annotations

import json

import pytest

from permabots.engine.definitions import (
    BotDefinition,
    HandlerDefinition,
    ParameterDefinition,
    RequestDefinition,
    ResponseDefinition,
    VariableDefinition,
)
from permabots.engine.http.client import PreparedCall
from permabots.engine.http.request_building import first_request
from permabots.engine.http.responses import ApiResponse
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, Outcome, TurnInput
from permabots.exceptions import RequestFailed
from permabots.values import Json


class Unreachable:
    """An API that no host name leads to; the error names the host, as the real one does."""

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        try:
            host = str(first_request(prepared, idempotency_key).url).split("/")[2].rpartition("@")[2]
        except RequestFailed as error:
            return ApiResponse(0, error=str(error))
        return ApiResponse(0, error=f"the host {host} is not known")


def outcome(
    secret: str, url: str = "", text: str = "x", keyboard: str = "", data: Json = None, **headers: str
) -> Outcome:
    parameters = tuple(ParameterDefinition(name, value) for name, value in headers.items())
    request = RequestDefinition(url, "Post", data, header_parameters=parameters) if url else None
    handler = HandlerDefinition("h", "first", ".*", ResponseDefinition(text, keyboard), request)
    bot = BotDefinition("b", 1, (handler,), (VariableDefinition("sec", secret, secret=True),))
    return CompiledBot(bot, EngineLimits()).answer(TurnInput("kik", "m", {"body": "m"}, None, {}, "k"), Unreachable())


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("p@zz wqj", "http://[secret].x/"),
        ("abc@zzwq.jjj", "http://[secret].x/"),
        ("ZZwqJJ", "http://[secret].x/"),
        ("abc#zzwq", "http://[secret].x/"),
        ("abc/zzwq", "http://[secret].x/"),
        ("abc?token=zzwq", "http://[secret].x/"),
        ("[zzwqjj", "http://[secret].x/"),
    ],
)
def test_no_piece_of_a_secret_in_the_host_is_told(secret: str, shown: str) -> None:
    told = outcome(secret, "http://{{ env.sec }}.x/").trace["request"]
    assert told["url"] == shown
    assert not {piece for piece in ("zz", "wq", "jj") if piece in json.dumps(told).lower()}


def test_a_host_without_a_secret_is_told_beside_one_in_the_query() -> None:
    told = outcome("abc#zzwq", "http://shop.x/?a={{ env.sec }}").trace["request"]
    assert (told["url"], told["error"]) == ("http://shop.x/?a=[secret]", "the host shop.x is not known")


@pytest.mark.parametrize("secret", ["p@zz", "p@zz wq'", "p'zz\\wq(jj)@.x-zzwq", "(zz)/wq"])
@pytest.mark.parametrize(
    "keyboard",
    [
        "[['{{env.sec}}', {{ env.sec }}]]",
        "[['a' {{ env.sec }}]]",
        "[['a' '{{ env.sec }}' 1]]",
        "[('{{ env.sec }}', '')]",
        "[('{{ env.sec }}', 'a', '{{ env.sec }}{{ env.sec }}')]",
        "[[{'{{ env.sec }}': '{{ env.sec }}'}]]",
    ],
)
def test_no_piece_of_a_secret_is_told_by_a_keyboard_that_fails(keyboard: str, secret: str) -> None:
    failed = outcome(secret, keyboard=keyboard)
    assert failed.error
    assert not {piece for piece in ("zz", "wq", "jj") if piece in failed.error + json.dumps(failed.trace)}


def test_no_piece_of_a_secret_is_told_by_data_that_fails() -> None:
    failed = outcome("zzwq'\"jj", "http://x/", data='{"' + "a" * 185 + '": {{ env.sec }} x}')
    assert failed.error
    assert not {piece for piece in ("zz", "wq", "jj") if piece in failed.error + json.dumps(failed.trace)}


def test_a_secret_that_parts_a_text_into_messages_is_told_in_none() -> None:
    assert outcome(r"zz\nwq", text="a {{ env.sec }} b").trace["texts"] == ["a [secret] b"]


def test_a_secret_is_hidden_without_the_blanks_around_it() -> None:
    assert outcome(" zzwq ", text="{{ env.sec }}").trace["texts"] == ["[secret]"]


@pytest.mark.parametrize("secret", ["   ", "\t \t"])
def test_a_keyboard_that_only_a_secret_spoils_says_so(secret: str) -> None:
    error = outcome(secret, keyboard="[['{{ env.sec }}']]").trace["error"]["message"]
    assert "because of a secret in it" in error
