"""What a refusal of Kik means: its documentation is gone, so the statuses are read as HTTP means them."""

from __future__ import annotations

import json

import pytest

from permabots.exceptions import ContentRefused, CredentialsRefused, PermanentError, ProviderError, Retryable
from permabots.providers.base.http import HttpAnswer
from permabots.providers.kik.errors import refusal
from permabots.values import Json

KEY = "3f2a9c1e-key"


def error_of(status: int, body: Json, headers: dict[str, str] | None = None) -> ProviderError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = refusal(HttpAnswer(status, content, headers or {}), KEY)
    assert error is not None
    return error


@pytest.mark.parametrize(("status", "body"), [(200, b"{}"), (200, b'{"webhook": null}'), (201, b"{}")])
def test_an_accepted_call_is_no_error(status: int, body: bytes) -> None:
    assert refusal(HttpAnswer(status, body, {}), KEY) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ContentRefused),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, PermanentError),
        (405, PermanentError),
        (408, Retryable),
        (413, ContentRefused),
        (429, Retryable),
        (500, Retryable),
        (503, Retryable),
    ],
)
@pytest.mark.parametrize("body", [{"error": "Word", "message": "What is wrong."}, b"<html>", b"[]"])
def test_the_status_says_what_to_do(status: int, kind: type[ProviderError], body: Json) -> None:
    error = error_of(status, body)
    assert type(error) is kind
    assert error.code == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"error": "BadRequest", "message": "You can only send 5 messages"},
            "BadRequest: You can only send 5 messages",
        ),
        ({"error": "BadRequest"}, "BadRequest"),
        ({"message": "Whatever it is"}, "Whatever it is"),
        ({"error": "", "message": 7}, "HTTP 400 without a description"),
        ({"error": {"code": 1}}, "HTTP 400 without a description"),
        (b"", "HTTP 400 without a description"),
        (b"<html>Bad Request</html>", "HTTP 400 without a description"),
        ({"error": "x" * 1000}, "x" * 300),
    ],
)
def test_kiks_own_words_are_told(body: Json, message: str) -> None:
    assert error_of(400, body).message == message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_asked_for_is_kept(status: int, header: str, seconds: float | None) -> None:
    error = error_of(status, {"error": "RateLimited"}, {"Retry-After": header})
    assert isinstance(error, Retryable)
    assert error.retry_after == seconds


def test_a_refusal_need_not_ask_for_a_wait() -> None:
    error = error_of(429, {"error": "RateLimited"})
    assert isinstance(error, Retryable)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "ambiguous"),
    [
        (200, b"<html>Welcome to this network</html>", True),
        (200, b"", True),
        (204, b"", True),
        (200, b"[" * 100_000, True),
        (302, b"", False),
        (408, b"", False),
        (429, b"slow down", False),
        (500, b'{"error": "InternalServerError"}', False),
        (502, b"<html>Bad Gateway</html>", True),
        (504, b"", True),
    ],
)
def test_what_is_tried_again_may_have_been_taken_where_nobody_says_that_it_was_not(
    status: int, body: bytes, ambiguous: bool
) -> None:
    error = error_of(status, body)
    assert isinstance(error, Retryable)
    assert error.ambiguous is ambiguous


def test_words_that_repeat_the_key_do_not_show_it() -> None:
    error = error_of(400, {"error": "BadRequest", "message": f"shopbot:{KEY} said so"})
    assert error.message == "BadRequest: shopbot:… said so"


def test_without_a_key_there_is_nothing_to_hide() -> None:
    error = refusal(HttpAnswer(400, b'{"message": "abc"}', {}), "")
    assert error is not None
    assert error.message == "abc"
