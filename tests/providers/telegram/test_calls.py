"""How a call to the Bot API is made."""

from __future__ import annotations

import asyncio
import threading

import pytest

from permabots.exceptions import CredentialsRefused
from permabots.providers.telegram.client import TelegramClient
from permabots.values import Payload
from tests.providers.scripted import ScriptedServer, answer

ACCOUNT = {"ok": True, "result": {"id": 111, "is_bot": True, "first_name": "Shop"}}


def test_arguments_go_as_json_without_those_that_are_none(server: ScriptedServer) -> None:
    markup = {"inline_keyboard": [[{"text": "ü", "callback_data": "a"}]]}
    arguments = {"chat_id": 7, "text": "Hi", "reply_markup": markup, "allowed_updates": [], "offset": None}
    server.default = answer({"ok": True, "result": {"message_id": 5}})
    sent = TelegramClient("111:aaa", server.url).send(Payload("sendMessage", arguments), 5.0)
    assert sent.message_id == "5"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/bot111:aaa/sendMessage")
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"chat_id": 7, "text": "Hi", "reply_markup": markup, "allowed_updates": []}


@pytest.mark.parametrize("token", ["111:a/../b?c#d", "111:{token}", "111:\r\nX: y", "111:ü"])
def test_a_token_of_odd_characters_stays_one_piece_of_the_path(server: ScriptedServer, token: str) -> None:
    server.default = answer(ACCOUNT)
    TelegramClient(token, server.url).identify()
    (request,) = server.requests
    assert request.path.startswith("/bot111:")
    assert request.path.endswith("/getMe")
    assert request.path.count("/") == 2


def test_without_a_token_nothing_is_sent(server: ScriptedServer) -> None:
    with pytest.raises(CredentialsRefused):
        TelegramClient("", server.url).identify()
    assert server.requests == []


def test_calls_of_several_bots_make_no_thread_and_no_second_connection(server: ScriptedServer) -> None:
    server.default = answer(ACCOUNT)
    TelegramClient("111:aaa", server.url).identify()
    threads = threading.active_count()
    for bot in range(20):
        TelegramClient(f"{bot}:aaa", server.url).identify()
    assert server.connections == 1
    assert threading.active_count() == threads


def test_it_works_inside_a_running_loop_too(server: ScriptedServer) -> None:
    server.default = answer(ACCOUNT)

    async def within() -> str:
        return TelegramClient("111:aaa", server.url).identify().id

    assert asyncio.run(within()) == "111"
