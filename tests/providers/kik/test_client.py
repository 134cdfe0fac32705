"""The client, over real sockets."""

from __future__ import annotations

import base64

import pytest

from permabots.exceptions import ContentRefused, CredentialsRefused, Retryable
from permabots.providers.base.contract import Client
from permabots.providers.kik.provider import Kik
from permabots.values import Address, Answer, Json, Payload, Receipt, Sender, WebhookInfo
from tests.providers.client_tests import ClientTests
from tests.providers.scripted import Received, ScriptedServer, answer, hang_up

KEY = "3f2a9c1e-key"
HOOK = "https://example.org/processing/kikbot/1/"
MESSAGE = Payload("message", {"messages": [{"type": "text", "chatId": "c1", "to": "joe", "body": "Hi"}]})
OFF = {
    "manuallySendReadReceipts": False,
    "receiveReadReceipts": False,
    "receiveDeliveryReceipts": False,
    "receiveIsTyping": False,
}


def client_of(url: str, username: str = "shopbot", key: str = KEY) -> Client:
    return Kik({"api_url": url}).client({"username": username, "api_key": key})


class TestKiksClient(ClientTests):
    message = MESSAGE
    receipts = [(answer({}), Receipt(""))]
    refusals = [
        (answer({"error": "Word"}, 400), ContentRefused),
        (answer({"error": "Word"}, 403), CredentialsRefused),
        (answer({"error": "Word"}, 429, {"Retry-After": "3"}), Retryable),
        (answer({"error": "Word"}, 500), Retryable),
    ]
    answers = [
        answer({}),
        answer({"error": "BadRequest", "message": f"no {KEY} here"}, 400),
        answer({"error": "Unauthorized", "message": KEY}, 401),
        answer(KEY.encode(), 502),
        answer(KEY.encode()),
        answer(b"", 302, {"Location": f"/{KEY}/elsewhere"}),
        hang_up,
    ]
    secrets = (KEY, base64.b64encode(f"shopbot:{KEY}".encode()).decode())

    def client_of(self, url: str, number: int = 0) -> Client:
        return client_of(url, f"shopbot{number or ''}")


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    server.default = answer({})
    return client_of(f"{server.url}/")


def credentials_of(request: Received) -> str:
    scheme, _, encoded = request.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(encoded).decode()


def test_a_message_is_sent_by_a_post(server: ScriptedServer, client: Client) -> None:
    client.send(MESSAGE, 5.0)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/message")
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"messages": [{"type": "text", "chatId": "c1", "to": "joe", "body": "Hi"}]}


def test_a_rendered_answer_goes_over_the_wire_as_it_is(server: ScriptedServer, client: Client) -> None:
    (payload,) = Kik().render(Answer(("ünï 👍",)), Address("c1", "joe"))
    client.send(payload, 5.0)
    assert server.requests[0].json == payload.body


@pytest.mark.parametrize(("username", "key"), [("shopbot", KEY), ("shöp€", "k:éy"), ("", "")])
def test_every_call_has_the_bots_credentials(server: ScriptedServer, username: str, key: str) -> None:
    server.default = answer({})
    client_of(server.url, username, key).identify()
    assert credentials_of(server.requests[0]) == f"{username}:{key}"


def test_kik_is_asked_whether_it_takes_the_credentials(server: ScriptedServer, client: Client) -> None:
    assert client.identify() == Sender("shopbot", "shopbot")
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("GET", "/v1/config", b"")


def test_an_account_is_the_same_in_any_case(server: ScriptedServer) -> None:
    server.default = answer({})
    assert client_of(server.url, "ShopBot").identify() == Sender("shopbot", "ShopBot")


def test_refused_credentials_are_no_account(server: ScriptedServer, client: Client) -> None:
    server.script.append(answer({"error": "Unauthorized", "message": "Unknown key"}, 401))
    with pytest.raises(CredentialsRefused, match="Unauthorized: Unknown key"):
        client.identify()


def test_a_webhook_is_set_for_messages_alone(server: ScriptedServer, client: Client) -> None:
    client.set_webhook(HOOK, "")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/config")
    assert request.json == {"webhook": HOOK, "features": OFF}


def test_a_webhook_is_removed_by_an_address_that_is_nobodys(server: ScriptedServer, client: Client) -> None:
    client.remove_webhook()
    assert server.requests[0].json == {"webhook": "https://example.com", "features": OFF}
    assert Kik.null_url == "https://example.com"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ({"webhook": HOOK, "features": OFF}, HOOK),
        ({"webhook": "https://example.com", "features": {}}, ""),
        ({"webhook": "https://example.com/"}, ""),
        ({"webhook": "https://example.com/hook/"}, "https://example.com/hook/"),
        ({"webhook": None}, ""),
        ({}, ""),
    ],
)
def test_the_webhooks_address_is_read(server: ScriptedServer, client: Client, value: Json, url: str) -> None:
    server.script.append(answer(value))
    assert client.webhook_info() == WebhookInfo(url)
    assert (server.requests[0].method, server.requests[0].path) == ("GET", "/v1/config")


def test_a_wait_that_kik_asks_for_is_kept(server: ScriptedServer, client: Client) -> None:
    server.script.append(answer({"error": "Word"}, 429, {"Retry-After": "3"}))
    with pytest.raises(Retryable) as caught:
        client.send(MESSAGE, 5.0)
    assert caught.value.retry_after == 3.0
