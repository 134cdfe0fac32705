"""Simulations of handlers that ask the author's API, live or with an answer that is given."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, InboundMessage
from permabots.testing import TelegramServer, UserApiServer
from tests.api.traffic.client import ApiClient, tables
from tests.api.traffic.test_simulate import ask
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

ASKS = "{{ response.status }} {{ response.data.name }} {{ response.error }}"


def make_asking(bot: Bot, url: str = "http://127.0.0.1:9/", text: str = ASKS, **values: Any) -> None:
    make_handler(bot, "^ask$", text, request={"url_template": url, **values.pop("request", {})}, **values)


def test_nothing_is_stored_and_nothing_is_sent(telegram: TelegramServer, user_api: UserApiServer) -> None:
    bot = make_bot()
    attach(bot)
    make_asking(bot, f"{user_api.base}/item/7", target_state="Main", keyboard=f"['{'x' * 100}']")
    api = ApiClient(bot)
    before, calls = tables(), len(telegram.calls())
    for kind in ("text", "button"):
        shown = ask(api, "ask", kind=kind)
        assert (shown["texts"], shown["state"]["after"]) == (["200 author7"], "Main")
    assert tables() == before
    assert len(telegram.calls()) == calls
    assert len(user_api.requests) == 2


def test_it_answers_as_a_real_turn_does(telegram: TelegramServer, user_api: UserApiServer) -> None:
    bot = make_bot()
    attach(bot)
    make_asking(bot, f"{user_api.base}/item/7", target_state="Main", keyboard="['a', 'b']")
    shown = ask(ApiClient(bot), "ask", chat="7")
    drain(say(Bot.objects.get(pk=bot.pk), "ask"))
    row = InboundMessage.objects.get()
    real = [call.payload["body"] for call in row.outbound.order_by("part")]
    simulated = [call["body"] for call in shown["payloads"]]
    assert [body.pop("reply_parameters")["message_id"] for body in (real[0], simulated[0])] == [1001, 1]
    assert simulated == real
    for trace in (shown["trace"], row.trace):
        del trace["ms"], trace["request"]["ms"]
    assert shown["trace"] == row.trace


@pytest.mark.parametrize(
    ("response", "text", "state"),
    [
        ({"status": 200, "data": {"name": "Ann"}}, "200 Ann", "Main"),
        ({"data": {"name": "Ann"}}, "200 Ann", "Main"),
        ({"status": 404, "data": {"name": "none"}}, "404 none", None),
        ({"status": 201}, "201", "Main"),
        ({}, "200", "Main"),
        ({"status": 302}, "302", None),
        ({"status": 0}, "0  no answer", None),
        ({"status": 200, "data": [1, 2]}, "200", "Main"),
        ({"status": 200, "data": None}, "200", "Main"),
        ({"status": 200, "data": {"name": "\ud800\0"}}, "200 ��", "Main"),
        ({"status": 200, "data": {"name": "x" * 2_000}}, "0  the answer is larger than 1000 bytes", None),
    ],
)
def test_a_canned_answer_is_taken_for_that_of_the_api(
    api: ApiClient, bot: Bot, settings: Any, response: Any, text: str, state: str | None
) -> None:
    settings.PERMABOTS = {"REQUEST_MAX_BYTES": 1000}
    make_asking(bot, target_state="Main")
    shown = ask(api, "ask", response=response)
    assert (shown["texts"], shown["state"]) == ([text], {"before": None, "after": state})


def test_a_canned_answer_and_a_live_one_leave_the_same_trace(
    api: ApiClient, bot: Bot, user_api: UserApiServer, settings: Any
) -> None:
    settings.PERMABOTS = {"REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    request = {"method": "Post", "data": {"t": "{{ message.message.text }}"}}
    make_asking(bot, f"{user_api.base}/item/7", request=request, target_state="Main")
    live = ask(api, "ask")
    canned = ask(api, "ask", response={"status": 200, "data": {"id": "7", "name": "author7"}})
    for shown in (live, canned):
        del shown["trace"]["ms"]
        shown["trace"]["request"].pop("ms", None)
    assert canned == live
    assert len(user_api.requests) == 1


@pytest.mark.parametrize("response", [None, {"status": 200, "data": {}}])
def test_an_address_that_cannot_be_called_fails_in_either_way(api: ApiClient, bot: Bot, response: Any) -> None:
    make_asking(bot, "{{ 'ftp' }}://example.com/")
    shown = ask(api, "ask", response=response)
    assert shown["trace"]["request"]["error"] == "the address does not begin with http:// or https://"


def test_the_live_api_is_told_that_it_is_a_simulation(
    api: ApiClient, bot: Bot, user_api: UserApiServer, settings: Any
) -> None:
    settings.PERMABOTS = {"REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    make_asking(bot, f"{user_api.base}/echo")
    ask(api, "ask")
    ask(api, "ask")
    keys = {request.headers["idempotency-key"] for request in user_api.requests}
    assert len(keys) == 2
    assert all(key.startswith("permabots-simulation-") for key in keys)
