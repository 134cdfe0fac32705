"""The client, over real sockets."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from permabots.exceptions import CredentialsRefused, PermanentError, RecipientGone, Retryable
from permabots.providers.base.contract import Client
from permabots.providers.base.signatures import signed
from permabots.providers.messenger.client import FIELDS
from permabots.providers.messenger.provider import Messenger
from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo
from tests.providers import fixtures
from tests.providers.client_tests import ClientTests
from tests.providers.scripted import Received, ScriptedServer, answer, hang_up

TOKEN = "EAAsecret0token"
SECRET = "5ec2e7"
PROOF = signed(TOKEN.encode(), SECRET, "sha256")
MESSAGE = Payload("messages", {"recipient": {"id": "7"}, "messaging_type": "RESPONSE", "message": {"text": "Hi"}})
SHOP = {"id": "104455667788990", "name": "Shop"}


def client_of(url: str, token: str = TOKEN) -> Client:
    return Messenger({"api_url": f"{url}/"}).client({"token": token, "app_secret": SECRET})


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    return client_of(server.url)


def api(name: str, status: int = 200) -> bytes:
    return answer(fixtures.body("messenger", name), status)


ECHO = f"no Bearer {TOKEN}, no {SECRET}, no ?appsecret_proof={PROOF} here"


class TestMessengersClient(ClientTests):
    message = MESSAGE
    receipts = [
        (api("api_ok_send"), Receipt("m_OUT1zzzz")),
        *[
            (answer(value), Receipt(""))
            for value in ({}, {"recipient_id": "7"}, {"message_id": 7}, {"message_id": None})
        ],
    ]
    refusals = [
        (api("api_error_10_window", 400), PermanentError),
        (api("api_error_190", 400), CredentialsRefused),
        (api("api_error_551", 400), RecipientGone),
        (api("api_error_613", 400), Retryable),
    ]
    answers = [
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
    secrets = (TOKEN, SECRET, PROOF)

    def client_of(self, url: str, number: int = 0) -> Client:
        return client_of(url, f"EAA{number}" if number else TOKEN)


def query(request: Received) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}


def place(request: Received) -> tuple[str, str]:
    return request.method, urlsplit(request.path).path


def test_a_message_is_sent_by_a_post(server: ScriptedServer, client: Client) -> None:
    client.send(MESSAGE, 5.0)
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


def test_the_estimate_in_a_header_of_any_case_is_obeyed(server: ScriptedServer, client: Client) -> None:
    usage = '{"1": [{"type": "messenger", "estimated_time_to_regain_access": 2}]}'
    body = fixtures.content("messenger", "api_error_613")
    server.script.append(answer(body, 400, {"x-business-use-case-usage": usage}))
    with pytest.raises(Retryable) as caught:
        client.send(MESSAGE, 5.0)
    assert caught.value.retry_after == 120.0


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "tökén", "a\ud83d", "a\x7f"])
def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent(
    server: ScriptedServer, token: str
) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        Messenger({"api_url": server.url}).client({"token": token}).identify()
    assert server.requests == []
    assert not token or token not in str(caught.value)
