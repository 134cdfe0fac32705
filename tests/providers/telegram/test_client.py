"""The client, over real sockets."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
import requests

from permabots.exceptions import (
    ContentRefused,
    CredentialsRefused,
    PermanentError,
    RecipientGone,
    RecipientMoved,
    Retryable,
)
from permabots.providers.base.contract import Client
from permabots.providers.telegram.provider import Telegram
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo
from tests.providers import fixtures
from tests.providers.client_tests import HOOK, ClientTests
from tests.providers.scripted import ScriptedServer, answer, hang_up

TOKEN = "111:a-Secret_token"
SECRET = "webhook-secret"
MESSAGE = Payload("sendMessage", {"chat_id": 7, "text": "Hi"})


def client_of(url: str, token: str = TOKEN) -> Client:
    return Telegram({"api_url": f"{url}/"}).client({"token": token})


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    return client_of(server.url)


def api(name: str, status: int = 200) -> bytes:
    return answer(fixtures.body("telegram", name), status)


def result(value: Json) -> bytes:
    return answer({"ok": True, "result": value})


ECHO = f"no /bot{TOKEN}/sendMessage here"


class TestTelegramsClient(ClientTests):
    message = MESSAGE
    receipts = [
        (api("api_ok_sendMessage"), Receipt("201")),
        *[(result(value), Receipt("")) for value in (True, {}, {"message_id": "x"}, None)],
    ]
    refusals = [
        (api("api_error_400_migrated", 400), RecipientMoved),
        (api("api_error_400_parse", 400), ContentRefused),
        (api("api_error_403_blocked", 403), RecipientGone),
        (api("api_error_429", 429), Retryable),
    ]
    calls = [
        *ClientTests.calls,
        lambda client: client.set_webhook(HOOK, SECRET),
        lambda client: client.poll(None, 0),
    ]
    answers = [
        result({"id": 111, "message_id": 1}),
        answer({"ok": False, "error_code": 400, "description": ECHO}, 400),
        answer({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401),
        answer(ECHO.encode(), 502),
        answer(ECHO.encode()),
        answer(b"", 302, {"Location": f"/bot{TOKEN}/elsewhere"}),
        hang_up,
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nno colon in this line\r\n\r\n"),
    ]
    secrets = ("a-Secret_token", SECRET)

    def client_of(self, url: str, number: int = 0) -> Client:
        return client_of(url, f"{number}:aaa" if number else TOKEN)


def test_a_message_is_sent_by_the_method_that_it_names(server: ScriptedServer, client: Client) -> None:
    client.send(MESSAGE, 5.0)
    (request,) = server.requests
    assert request.path == f"/bot{TOKEN}/sendMessage"
    assert request.json == {"chat_id": 7, "text": "Hi"}


def test_the_bots_account_is_read_whatever_is_left_out(server: ScriptedServer, client: Client) -> None:
    server.script += [
        result({"id": 111, "is_bot": True, "first_name": "Shop", "username": "shop_bot"}),
        result({"id": 1}),
    ]
    assert client.identify() == Sender("111", "shop_bot", "Shop", "")
    assert client.identify() == Sender("1")
    assert server.requests[0].path == f"/bot{TOKEN}/getMe"


def test_an_account_without_id_is_none(client: Client) -> None:
    with pytest.raises(PermanentError):
        client.identify()


def test_a_webhook_is_set_with_its_secret_and_telegrams_default_kinds(server: ScriptedServer, client: Client) -> None:
    client.set_webhook("https://example.com/hook/", SECRET)
    (request,) = server.requests
    assert request.path == f"/bot{TOKEN}/setWebhook"
    assert request.json == {"url": "https://example.com/hook/", "secret_token": SECRET, "allowed_updates": []}


def test_a_webhook_is_removed_without_dropping_what_waits(server: ScriptedServer, client: Client) -> None:
    client.remove_webhook()
    assert (server.requests[0].path, server.requests[0].json) == (f"/bot{TOKEN}/deleteWebhook", {})


@pytest.mark.parametrize(
    ("value", "info"),
    [
        (
            {
                "url": "https://example.com/hook/",
                "pending_update_count": 3,
                "last_error_date": 1460000000,
                "last_error_message": "Wrong response from the webhook: 503 Service Unavailable",
            },
            WebhookInfo(
                "https://example.com/hook/",
                3,
                "Wrong response from the webhook: 503 Service Unavailable",
                datetime(2016, 4, 7, 3, 33, 20, tzinfo=UTC),
            ),
        ),
        ({"url": "", "pending_update_count": 0}, WebhookInfo("", 0)),
        ({}, WebhookInfo()),
        (True, WebhookInfo()),
    ],
)
def test_the_webhooks_state_is_read(server: ScriptedServer, client: Client, value: Json, info: WebhookInfo) -> None:
    server.script.append(result(value))
    assert client.webhook_info() == info


def test_polling_gives_updates_as_a_webhook_would_get_them(server: ScriptedServer, client: Client) -> None:
    updates = [fixtures.content("telegram", name) for name in ("text", "callback_query", "message_reaction")]
    server.script.append(result(updates))
    assert client.poll(910000001, 1.9) == updates
    assert server.requests[0].json == {"offset": 910000001, "timeout": 1, "allowed_updates": []}


def test_polling_without_an_offset_takes_what_is_there(server: ScriptedServer, client: Client) -> None:
    assert client.poll(None, 0) == []
    assert server.requests[0].json == {"timeout": 0, "allowed_updates": []}


def test_polling_beside_a_webhook_is_a_conflict(server: ScriptedServer, client: Client) -> None:
    description = "Conflict: can't use getUpdates method while webhook is active"
    server.script.append(answer({"ok": False, "error_code": 409, "description": description}, 409))
    with pytest.raises(Retryable, match="webhook is active") as caught:
        client.poll(None, 0)
    assert caught.value.code == 409


def test_a_client_without_a_token_is_refused() -> None:
    with pytest.raises(CredentialsRefused):
        Telegram().client({"token": ""}).identify()


def test_what_others_log_through_the_same_libraries_stays(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with requests.Session() as session:
        session.post(f"{server.url}/theirs")
    assert "/theirs" in caplog.text
