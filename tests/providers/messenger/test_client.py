"""The client, over real sockets."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from permabots.exceptions import CredentialsRefused, PermanentError, ProviderError, RecipientGone, Retryable
from permabots.providers.base.contract import Client
from permabots.providers.base.signatures import signed
from permabots.providers.messenger.client import FIELDS
from permabots.providers.messenger.provider import Messenger
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo
from tests.providers import fixtures
from tests.providers.scripted import Action, Received, ScriptedServer, answer, drip, hang_up, reset

TOKEN = "EAAsecret0token"
SECRET = "5ec2e7"
PROOF = signed(TOKEN.encode(), SECRET, "sha256")
MESSAGE = Payload("messages", {"recipient": {"id": "7"}, "messaging_type": "RESPONSE", "message": {"text": "Hi"}})
SHOP = {"id": "104455667788990", "name": "Shop"}


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    return Messenger({"api_url": f"{server.url}/"}).client({"token": TOKEN, "app_secret": SECRET})


def api(name: str, status: int = 200) -> bytes:
    return answer(fixtures.body("messenger", name), status)


def query(request: Received) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}


def place(request: Received) -> tuple[str, str]:
    return request.method, urlsplit(request.path).path


def test_a_sent_message_gives_its_id(server: ScriptedServer, client: Client) -> None:
    server.script.append(api("api_ok_send"))
    assert client.send(MESSAGE, 5.0) == Receipt("m_OUT1zzzz")
    (request,) = server.requests
    assert place(request) == ("POST", "/v26.0/me/messages")
    assert request.json == MESSAGE.body


def test_the_token_goes_in_a_header_and_the_apps_proof_with_it(server: ScriptedServer, client: Client) -> None:
    client.send(MESSAGE, 5.0)
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert query(request) == {"appsecret_proof": PROOF}


def test_without_an_app_secret_there_is_no_proof(server: ScriptedServer) -> None:
    for credentials in ({"token": TOKEN, "app_secret": ""}, {"token": TOKEN}):
        Messenger({"api_url": server.url}).client(credentials).send(MESSAGE, 5.0)
    assert [query(request) for request in server.requests] == [{}, {}]


def test_the_version_is_an_option(server: ScriptedServer) -> None:
    Messenger({"api_url": server.url, "api_version": "v21.0"}).client({"token": TOKEN}).send(MESSAGE, 5.0)
    assert server.requests[0].path == "/v21.0/me/messages"


@pytest.mark.parametrize("value", [{}, {"recipient_id": "7"}, {"message_id": 7}, {"message_id": None}])
def test_an_answer_without_an_id_is_a_sent_message_all_the_same(
    server: ScriptedServer, client: Client, value: Json
) -> None:
    server.script.append(answer(value))
    assert client.send(MESSAGE, 5.0) == Receipt("")


def test_the_page_is_the_bots_account(server: ScriptedServer, client: Client) -> None:
    server.script += [answer(SHOP), answer({"id": 7})]
    assert client.identify() == Sender("104455667788990", first_name="Shop")
    assert client.identify() == Sender("7")
    assert place(server.requests[0]) == ("GET", "/v26.0/me")
    assert query(server.requests[0])["fields"] == "id,name"


def test_a_page_without_id_is_none(server: ScriptedServer, client: Client) -> None:
    server.script.append(answer({"name": "Shop"}))
    with pytest.raises(PermanentError):
        client.identify()


def test_the_app_is_subscribed_to_what_handlers_may_see(server: ScriptedServer, client: Client) -> None:
    server.script.append(answer({"success": True}))
    client.set_webhook("https://example.com/hook/", "")
    (request,) = server.requests
    assert place(request) == ("POST", "/v26.0/me/subscribed_apps")
    assert query(request)["subscribed_fields"] == "messages,messaging_postbacks,messaging_referrals"
    assert "example.com" not in request.path
    assert request.body == b""


@pytest.mark.parametrize("value", [{"success": False}, {}])
def test_a_subscription_that_facebook_does_not_confirm_is_none(
    server: ScriptedServer, client: Client, value: Json
) -> None:
    server.script.append(answer(value))
    with pytest.raises(PermanentError, match="did not subscribe"):
        client.set_webhook("https://example.com/hook/", "")


@pytest.mark.parametrize("value", [{"success": True}, {"success": False}, {}])
def test_a_subscription_is_ended_whether_or_not_there_was_one(
    server: ScriptedServer, client: Client, value: Json
) -> None:
    server.script.append(answer(value))
    client.remove_webhook()
    assert place(server.requests[0]) == ("DELETE", "/v26.0/me/subscribed_apps")


OURS: Json = {"id": "11", "name": "Bot", "subscribed_fields": list(FIELDS)}
OTHER: Json = {"id": "12", "name": "Desk", "subscribed_fields": ["messages"]}
CONNECTED = WebhookInfo(url=None)


def lacking(fields: str) -> WebhookInfo:
    return WebhookInfo(url=None, last_error=f"not subscribed to {fields}", complete=False)


@pytest.mark.parametrize(
    ("listed", "info"),
    [
        ([OURS], CONNECTED),
        ([{**OURS, "subscribed_fields": ["feed", *FIELDS]}], CONNECTED),
        (
            [{**OURS, "subscribed_fields": ["messages"]}],
            lacking("messaging_postbacks, messaging_referrals"),
        ),
        (
            [{"id": "11"}],
            lacking("messages, messaging_postbacks, messaging_referrals"),
        ),
        ([], WebhookInfo("")),
        ({}, WebhookInfo("")),
        (None, WebhookInfo("")),
    ],
)
def test_whether_the_app_is_subscribed_is_read(
    server: ScriptedServer, client: Client, listed: Json, info: WebhookInfo
) -> None:
    server.script.append(answer({"data": listed}))
    assert client.webhook_info() == info
    assert [place(request) for request in server.requests] == [("GET", "/v26.0/me/subscribed_apps")]


@pytest.mark.parametrize(
    ("listed", "info"),
    [([OTHER, OURS], CONNECTED), ([OTHER, {**OTHER, "id": "13"}], WebhookInfo("")), (["odd", 7], WebhookInfo(""))],
)
def test_beside_other_apps_of_the_page_ours_is_found_by_its_id(
    server: ScriptedServer, client: Client, listed: Json, info: WebhookInfo
) -> None:
    server.script += [answer({"data": listed}), answer({"id": "11"})]
    assert client.webhook_info() == info
    assert place(server.requests[1]) == ("GET", "/v26.0/app")
    assert query(server.requests[1])["fields"] == "id"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api_error_10_window", PermanentError),
        ("api_error_190", CredentialsRefused),
        ("api_error_551", RecipientGone),
        ("api_error_613", Retryable),
    ],
)
def test_a_refusal_is_raised_as_what_it_means(
    server: ScriptedServer, client: Client, name: str, kind: type[ProviderError]
) -> None:
    server.script.append(api(name, 400))
    with pytest.raises(ProviderError) as caught:
        client.send(MESSAGE, 5.0)
    assert type(caught.value) is kind


def test_the_estimate_in_a_header_of_any_case_is_obeyed(server: ScriptedServer, client: Client) -> None:
    usage = '{"1": [{"type": "messenger", "estimated_time_to_regain_access": 2}]}'
    body = fixtures.content("messenger", "api_error_613")
    server.script.append(answer(body, 400, {"x-business-use-case-usage": usage}))
    with pytest.raises(Retryable) as caught:
        client.send(MESSAGE, 5.0)
    assert caught.value.retry_after == 120.0


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
    client = Messenger({"api_url": f"http://127.0.0.1:{port}"}).client({"token": TOKEN})
    with pytest.raises(Retryable, match="Connection refused") as caught:
        client.send(MESSAGE, 5.0)
    assert not caught.value.ambiguous


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "tökén", "a\ud83d", "a\x7f"])
def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent(
    server: ScriptedServer, token: str
) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        Messenger({"api_url": server.url}).client({"token": token}).identify()
    assert server.requests == []
    assert not token or token not in str(caught.value)


def test_calls_of_several_pages_share_one_connection(server: ScriptedServer) -> None:
    for page in range(10):
        Messenger({"api_url": server.url}).client({"token": f"EAA{page}"}).send(MESSAGE, 5.0)
    assert server.connections == 1
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer EAA{n}" for n in range(10)]


CALLS: list[Callable[[Client], object]] = [
    lambda client: client.send(MESSAGE, 5.0),
    lambda client: client.identify(),
    lambda client: client.set_webhook("https://example.com/hook/", ""),
    lambda client: client.remove_webhook(),
    lambda client: client.webhook_info(),
]
ECHO = f"no Bearer {TOKEN}, no {SECRET}, no ?appsecret_proof={PROOF} here"
ANSWERS: list[bytes | Action] = [
    answer({"id": "1", "success": True, "data": []}),
    answer({"error": {"message": ECHO, "code": 100}}, 400),
    answer({"error": {"message": ECHO, "code": 190}}, 400),
    answer({"error": {"message": ECHO, "code": 10, "error_subcode": 2018278}}, 400),
    answer(ECHO.encode(), 502),
    answer(ECHO.encode()),
    answer(b"", 302, {"Location": f"/elsewhere?access_token={TOKEN}"}),
    hang_up,
    lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nno colon in this line\r\n\r\n"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("given", ANSWERS)
def test_no_log_and_no_error_shows_the_token_or_the_secret(
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
    for secret in (TOKEN, SECRET, PROOF):
        assert secret not in shown
        assert secret not in caplog.text
