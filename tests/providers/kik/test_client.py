"""The client, over real sockets."""

from __future__ import annotations

import base64
import logging
import socket
import traceback
from collections.abc import Callable

import pytest

from permabots.exceptions import ContentRefused, CredentialsRefused, ProviderError, Retryable
from permabots.providers.base.contract import Client
from permabots.providers.kik.provider import Kik
from permabots.values import Address, Answer, Json, Payload, Receipt, Sender, WebhookInfo
from tests.providers.scripted import Action, Received, ScriptedServer, answer, drip, hang_up, reset

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


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    server.default = answer({})
    return client_of(f"{server.url}/")


def credentials_of(request: Received) -> str:
    scheme, _, encoded = request.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(encoded).decode()


def test_a_sent_message_has_no_id(server: ScriptedServer, client: Client) -> None:
    assert client.send(MESSAGE, 5.0) == Receipt("")
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


@pytest.mark.parametrize(
    ("status", "kind"), [(400, ContentRefused), (403, CredentialsRefused), (429, Retryable), (500, Retryable)]
)
def test_a_refusal_is_raised_as_what_it_means(
    server: ScriptedServer, client: Client, status: int, kind: type[ProviderError]
) -> None:
    server.script.append(answer({"error": "Word"}, status, {"Retry-After": "3"}))
    with pytest.raises(ProviderError, match="Word") as caught:
        client.send(MESSAGE, 5.0)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", 3.0) == 3.0


@pytest.mark.parametrize(
    "action",
    [
        hang_up,
        reset,
        drip(answer({}), 0.2),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"no HTTP at all\r\n\r\n",
    ],
    ids=["closed", "reset", "too slow", "truncated", "rubbish"],
)
def test_a_call_that_left_and_was_not_answered_may_have_been_taken(
    server: ScriptedServer, client: Client, action: Action | bytes
) -> None:
    server.script.append(action)
    with pytest.raises(Retryable) as caught:
        client.send(MESSAGE, 1.0)
    assert caught.value.ambiguous


def test_a_refused_connection_was_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Retryable, match="Connection refused") as caught:
        client_of(f"http://127.0.0.1:{port}").send(MESSAGE, 5.0)
    assert not caught.value.ambiguous


CALLS: list[Callable[[Client], object]] = [
    lambda client: client.send(MESSAGE, 5.0),
    lambda client: client.identify(),
    lambda client: client.set_webhook(HOOK, ""),
    lambda client: client.remove_webhook(),
    lambda client: client.webhook_info(),
]
ANSWERS: list[bytes | Action] = [
    answer({}),
    answer({"error": "BadRequest", "message": f"no {KEY} here"}, 400),
    answer({"error": "Unauthorized", "message": KEY}, 401),
    answer(KEY.encode(), 502),
    answer(KEY.encode()),
    answer(b"", 302, {"Location": f"/{KEY}/elsewhere"}),
    hang_up,
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("given", ANSWERS)
def test_no_log_and_no_error_shows_the_key(
    server: ScriptedServer,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    call: Callable[[Client], object],
    given: bytes | Action,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script.append(given)
    shown = repr(client)
    try:
        call(client)
    except ProviderError as error:
        shown += f"{error} {error!r} {error.__dict__}" + "".join(traceback.format_exception(error))
        assert error.__cause__ is None
        assert error.__context__ is None
    assert len(server.requests) == 1
    for secret in (KEY, base64.b64encode(f"shopbot:{KEY}".encode()).decode()):
        assert secret not in shown
        assert secret not in caplog.text
