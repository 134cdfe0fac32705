"""python-telegram-bot without an event loop."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest
from telegram import Bot
from telegram.request import BaseRequest

from permabots.exceptions import CredentialsRefused
from permabots.providers.telegram import transport
from permabots.providers.telegram.transport import BlockingRequest, run
from tests.providers.scripted import ScriptedServer, answer


async def immediately(value: int) -> int:
    return value


async def fails() -> int:
    raise LookupError("on purpose")


def test_a_coroutine_that_waits_for_nothing_is_run_to_its_end() -> None:
    assert run(immediately(7)) == 7


def test_its_error_is_raised() -> None:
    with pytest.raises(LookupError, match="on purpose"):
        run(fails())


def test_one_that_waits_is_refused_and_closed() -> None:
    coroutine = asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="event loop"):
        run(coroutine)
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED


def test_arguments_go_as_json_without_those_that_are_none(server: ScriptedServer) -> None:
    markup = {"inline_keyboard": [[{"text": "ü", "callback_data": "a"}]]}
    arguments = {"chat_id": 7, "text": "Hi", "reply_markup": markup, "allowed_updates": [], "offset": None}
    assert transport.call("111:aaa", server.url, "sendMessage", arguments, 5.0) is True
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/bot111:aaa/sendMessage")
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"chat_id": 7, "text": "Hi", "reply_markup": markup, "allowed_updates": []}


@pytest.mark.parametrize("token", ["111:a/../b?c#d", "111:{token}", "111:\r\nX: y", "111:ü"])
def test_a_token_of_odd_characters_stays_one_piece_of_the_path(server: ScriptedServer, token: str) -> None:
    transport.call(token, server.url, "getMe", {}, 5.0)
    (request,) = server.requests
    assert request.path.startswith("/bot111:")
    assert request.path.endswith("/getMe")
    assert request.path.count("/") == 2


def test_without_a_token_nothing_is_sent(server: ScriptedServer) -> None:
    with pytest.raises(CredentialsRefused):
        transport.call("", server.url, "getMe", {}, 5.0)
    assert server.requests == []


def test_calls_of_several_bots_make_no_loop_no_thread_and_no_second_connection(server: ScriptedServer) -> None:
    transport.call("111:aaa", server.url, "getMe", {}, 5.0)
    threads = threading.active_count()
    for bot in range(20):
        transport.call(f"{bot}:aaa", server.url, "getMe", {}, 5.0)
    assert server.connections == 1
    assert threading.active_count() == threads
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_it_works_inside_a_running_loop_too(server: ScriptedServer) -> None:
    async def within() -> object:
        return transport.call("111:aaa", server.url, "getMe", {}, 5.0)

    assert asyncio.run(within()) is True


def test_the_request_class_serves_the_librarys_typed_methods(server: ScriptedServer) -> None:
    server.default = answer({"ok": True, "result": {"id": 111, "is_bot": True, "first_name": "Shop"}})
    request = BlockingRequest("111:aaa")
    bot = Bot("111:aaa", base_url=f"{server.url}/bot", request=request, get_updates_request=request)

    async def within() -> str:
        async with bot:
            return bot.first_name

    assert asyncio.run(within()) == "Shop"


def test_a_request_without_arguments_or_time_has_none_and_the_default(server: ScriptedServer) -> None:
    request: BaseRequest = BlockingRequest("111:aaa")
    assert request.read_timeout == transport.DEFAULT_TIMEOUT
    assert run(request.do_request(f"{server.url}/bot111:aaa/getMe", "POST"))[0] == 200
    assert server.requests[0].body == b""
