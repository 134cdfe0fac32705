"""What a refusal of the Bot API means. Texts are those of the open-source Bot API server."""

from __future__ import annotations

import json

import pytest

from permabots.exceptions import (
    ContentRefused,
    CredentialsRefused,
    PermanentError,
    ProviderError,
    RecipientGone,
    RecipientMoved,
    Retryable,
)
from permabots.providers.base.http import HttpAnswer
from permabots.providers.telegram.errors import refusal
from permabots.values import Json
from tests.providers import fixtures

TOKEN = "111:a-Secret_token"


def error_of(status: int, body: Json, headers: dict[str, str] | None = None) -> ProviderError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = refusal(HttpAnswer(status, content, headers or {}), TOKEN)
    assert error is not None
    return error


def refused(status: int, description: str, **parameters: Json) -> ProviderError:
    body = {"ok": False, "error_code": status, "description": description}
    return error_of(status, {**body, **({"parameters": parameters} if parameters else {})})


def test_an_accepted_call_is_no_error() -> None:
    assert refusal(HttpAnswer(200, fixtures.body("telegram", "api_ok_sendMessage"), {}), TOKEN) is None
    assert refusal(HttpAnswer(200, b'{"ok": true, "result": true}', {}), TOKEN) is None


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot was kicked from the group chat"),
        (403, "Forbidden: bot was kicked from the supergroup chat"),
        (403, "Forbidden: bot was kicked from the channel chat"),
        (403, "Forbidden: bot is not a member of the channel chat"),
        (403, "Forbidden: bot is not a member of the supergroup chat"),
        (403, "Forbidden: the group chat was deleted"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
        (403, "Forbidden: bot can't send messages to bots"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: user not found"),
        (400, "Bad Request: user is deactivated"),
        (400, "Bad Request: have no rights to send a message"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: need administrator rights in the channel chat"),
        (400, "Bad Request: PEER_ID_INVALID"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        (400, "Bad Request: group chat was upgraded to a supergroup chat"),
    ],
)
def test_a_recipient_that_cannot_be_reached_is_gone(status: int, description: str) -> None:
    error = refused(status, description)
    assert type(error) is RecipientGone
    assert (error.message, error.code) == (description, status)


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        (400, "Bad Request: message text is empty"),
        (400, "Bad Request: message is too long"),
        (400, "Bad Request: message is not modified: specified new message content is exactly the same"),
        (400, "Bad Request: message to delete not found"),
        (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
        (400, "Bad Request: BUTTON_DATA_INVALID"),
        (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
        (413, "Request Entity Too Large"),
    ],
)
def test_a_message_that_telegram_does_not_take_as_it_is_refuses_the_content(status: int, description: str) -> None:
    error = refused(status, description)
    assert type(error) is ContentRefused
    assert (error.message, error.code) == (description, status)


def test_any_other_refusal_is_for_good() -> None:
    assert type(refused(405, "Method Not Allowed: method is not allowed")) is PermanentError


@pytest.mark.parametrize(("status", "description"), [(401, "Unauthorized"), (404, "Not Found")])
def test_a_refused_token_refuses_the_credentials(status: int, description: str) -> None:
    assert type(refused(status, description)) is CredentialsRefused


def test_a_group_that_became_a_supergroup_names_its_new_id() -> None:
    error = error_of(400, fixtures.content("telegram", "api_error_400_migrated"))
    assert isinstance(error, RecipientMoved)
    assert (error.chat_id, error.code) == ("-1001998877665", 400)


def test_too_many_requests_say_how_long_to_wait() -> None:
    error = error_of(429, fixtures.content("telegram", "api_error_429"))
    assert isinstance(error, Retryable)
    assert (error.retry_after, error.code, error.ambiguous) == (7.0, 429, False)


@pytest.mark.parametrize(
    ("parameters", "header", "seconds"),
    [
        ({"retry_after": 0.5}, None, 0.5),
        ({"retry_after": "3"}, None, 3.0),
        ({"retry_after": 7}, "9", 7.0),
        ({"retry_after": True}, "9", 9.0),
        ({"retry_after": -1}, "9", 9.0),
        ({"retry_after": [1]}, "nan", None),
        ({}, "Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("odd", "9", 9.0),
        (None, None, None),
    ],
)
def test_the_wait_is_taken_from_the_body_else_from_the_header(
    parameters: Json, header: str | None, seconds: float | None
) -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
    error = error_of(429, body, {"Retry-After": header} if header else {})
    assert isinstance(error, Retryable)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"),
        (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
        (500, "Internal Server Error: restart"),
        (502, "Bad Gateway"),
    ],
)
def test_what_the_bot_api_says_it_could_not_do_now_is_tried_again(status: int, description: str) -> None:
    error = refused(status, description)
    assert isinstance(error, Retryable)
    assert (error.message, error.code, error.retry_after, error.ambiguous) == (description, status, None, False)


@pytest.mark.parametrize(
    ("status", "body", "ambiguous"),
    [
        (500, b"", True),
        (502, b"<html>Bad Gateway</html>", True),
        (504, b"[]", True),
        (200, b"<html>Welcome to this network</html>", True),
        (200, b'{"ok": true, "resul', True),
        (200, b'{"result": true}', True),
        (200, b"[" * 100_000, True),
        (302, b"", False),
        (400, b"", False),
        (403, b"<html>Forbidden</html>", False),
        (404, b"<html>Not Found</html>", False),
    ],
)
def test_an_answer_that_is_not_the_bot_apis_is_tried_again(status: int, body: bytes, ambiguous: bool) -> None:
    error = error_of(status, body)
    assert isinstance(error, Retryable)
    assert (error.message, error.ambiguous) == (f"HTTP {status} without an answer of the Bot API", ambiguous)


def test_a_proxys_request_to_wait_is_obeyed() -> None:
    error = error_of(429, b"slow down", {"Retry-After": "4"})
    assert isinstance(error, Retryable)
    assert error.retry_after == 4.0


@pytest.mark.parametrize(
    "body",
    [{"ok": False}, {"ok": True}, {"ok": False, "description": None, "error_code": "odd", "parameters": 7}],
)
def test_a_refusal_that_says_nothing_is_tried_again(body: Json) -> None:
    error = error_of(200, body)
    assert isinstance(error, Retryable)
    assert error.message == "HTTP 200 without a description"


def test_the_code_in_the_body_counts_more_than_the_status() -> None:
    body = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    assert type(error_of(200, body)) is RecipientGone


@pytest.mark.parametrize("repeated", [TOKEN, "111%3Aa-Secret_token", "a-Secret_token"])
def test_a_description_never_shows_the_token(repeated: str) -> None:
    error = refused(400, f"no /bot{repeated}/sendMessage here")
    assert "a-Secret_token" not in f"{error} {error!r} {error.message}"


def test_a_token_without_a_second_half_hides_nothing() -> None:
    error = refusal(HttpAnswer(400, b'{"ok": false, "error_code": 400, "description": "abc"}', {}), "111:")
    assert error is not None
    assert error.message == "abc"


def test_a_long_description_is_cut() -> None:
    assert len(refused(400, "x" * 1000).message) == 300
