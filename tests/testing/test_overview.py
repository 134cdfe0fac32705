"""A stand-in server opened in a browser: what it got, and how to steer it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from permabots.testing import KikServer, MessengerServer, StandInServer, TelegramServer, UserApiServer
from permabots.testing.control_page import NEWEST
from tests.testing.helpers import TOKEN


def read(server: StandInServer) -> str:
    answer = requests.get(f"{server.url}/_control/", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return answer.text


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


def say(server: TelegramServer, chat: int, text: str) -> None:
    body = {"chat_id": chat, "text": text}
    assert requests.post(f"{server.url}/bot{TOKEN}/sendMessage", json=body, timeout=5).status_code == 200


def test_messages_are_shown_chat_by_chat(telegram: TelegramServer) -> None:
    for chat, text in ((7, "first of seven"), (8, "of eight"), (7, "second of seven")):
        telegram.send_text(TOKEN, chat, "hello")
        say(telegram, chat, text)
    source = read(telegram)
    wanted = ("Chat 7", "first of seven", "second of seven", "Chat 8", "of eight")
    places = [source.index(text) for text in wanted]
    assert places == sorted(places)
    assert "chat by chat: 3" in source


def test_what_bots_write_is_no_markup(telegram: TelegramServer) -> None:
    telegram.send_text(TOKEN, 7, "hello")
    say(telegram, 7, "<script>alert(1)</script>")
    source = read(telegram)
    assert "<script>" not in source
    assert "&lt;script&gt;alert(1)" in source


def test_no_token_is_on_the_page(telegram: TelegramServer) -> None:
    telegram.send_text(TOKEN, 7, "hello")
    say(telegram, 7, "hi")
    assert TOKEN.partition(":")[2] not in read(telegram)


def test_of_many_entries_the_newest_are_shown(telegram: TelegramServer) -> None:
    for _ in range(NEWEST + 1):
        requests.get(f"{telegram.url}/bot{TOKEN}/getMe", timeout=5)
    source = read(telegram)
    assert f"Calls to the API: {NEWEST + 1}" in source
    assert source.count("<td>getMe</td>") == NEWEST


@pytest.mark.parametrize("kind", [TelegramServer, KikServer, MessengerServer, UserApiServer])
def test_every_operation_is_told_with_its_arguments(kind: type[StandInServer]) -> None:
    with kind() as server:
        source = read(server)
        assert all(f"<code>{name}(" in source for name in server.operations())
        assert ": list" not in source


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (TelegramServer, {"token": TOKEN, "chat_id": 7}),
        (KikServer, {"bot": "cafe", "chat_id": "c", "user": "ann"}),
        (MessengerServer, {"token": "page-token", "psid": "7"}),
    ],
)
def test_somebody_writes_by_a_plain_post(kind: type[StandInServer], arguments: dict[str, object]) -> None:
    with kind() as server:
        answer = requests.post(f"{server.url}/_control/send_text", json={**arguments, "text": "hello"}, timeout=5)
        assert answer.status_code == 200, answer.text
        assert "hello" in str(answer.json()["result"])


def test_the_requests_of_an_api_are_shown_without_their_headers() -> None:
    with UserApiServer() as api:
        requests.get(f"{api.base}/list", headers={"X-Key": "sesame"}, timeout=5)
        source = read(api)
    assert "/u/list" in source
    assert "sesame" not in source
