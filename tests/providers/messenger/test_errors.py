"""What a refusal of the Graph API means."""

from __future__ import annotations

import json

import pytest

from permabots.exceptions import (
    ContentRefused,
    CredentialsRefused,
    PermanentError,
    ProviderError,
    RecipientGone,
    Retryable,
)
from permabots.providers.base.http import HttpAnswer
from permabots.providers.messenger.errors import refusal
from permabots.values import Json
from tests.providers import fixtures

SECRETS = ("EAAtoken", "app-secret", "proof")
USAGE = "X-Business-Use-Case-Usage"


def error_of(status: int, body: Json, headers: dict[str, str] | None = None) -> ProviderError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = refusal(HttpAnswer(status, content, headers or {}), *SECRETS)
    assert error is not None
    return error


def refused(
    code: Json, subcode: Json = None, status: int = 400, message: str = "No.", headers: dict[str, str] | None = None
) -> ProviderError:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    return error_of(status, {"error": {**error, **({} if subcode is None else {"error_subcode": subcode})}}, headers)


@pytest.mark.parametrize("body", [fixtures.body("messenger", "api_ok_send"), b'{"success": true}', b"{}"])
def test_an_accepted_call_is_no_error(body: bytes) -> None:
    assert refusal(HttpAnswer(200, body, {}), *SECRETS) is None


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (551, None, RecipientGone),
        (551, 1545041, RecipientGone),
        (100, 2018001, RecipientGone),
        (200, 1545041, RecipientGone),
        (10, 2018108, RecipientGone),
        (10, 2018278, PermanentError),
        (10, 2534022, PermanentError),
        (10, 2018065, PermanentError),
        (10, 1893063, PermanentError),
        (100, None, ContentRefused),
        (100, 2018007, ContentRefused),
        (200, 2018028, PermanentError),
        (368, None, PermanentError),
        (9999, None, PermanentError),
        (102, None, CredentialsRefused),
        (190, None, CredentialsRefused),
        (190, 463, CredentialsRefused),
        (2500, None, CredentialsRefused),
        (10, None, CredentialsRefused),
        (200, None, CredentialsRefused),
        (230, None, CredentialsRefused),
        (299, None, CredentialsRefused),
        (1, None, Retryable),
        (2, None, Retryable),
        (2, 2018344, Retryable),
        (4, None, Retryable),
        (17, None, Retryable),
        (32, None, Retryable),
        (613, None, Retryable),
        (1200, None, Retryable),
        (80001, None, Retryable),
        (80006, None, Retryable),
    ],
)
@pytest.mark.parametrize("status", [400, 403])
def test_a_code_and_its_subcode_say_what_to_do(
    code: int, subcode: int | None, kind: type[ProviderError], status: int
) -> None:
    error = refused(code, subcode, status)
    assert type(error) is kind
    assert error.code == code
    assert error.message.endswith("No.")


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("api_error_10_window", PermanentError, 10),
        ("api_error_190", CredentialsRefused, 190),
        ("api_error_551", RecipientGone, 551),
        ("api_error_613", Retryable, 613),
    ],
)
def test_refusals_as_they_come_are_understood(name: str, kind: type[ProviderError], code: int) -> None:
    body = fixtures.content("messenger", name)
    error = error_of(400, body)
    assert type(error) is kind
    assert error.code == code
    assert body["error"]["message"] in error.message


@pytest.mark.parametrize(
    ("code", "subcode", "message"),
    [
        (10, 2018278, "(#10) This message is sent outside of allowed window."),
        (10, 2534022, "(#10) No."),
        (10, None, "(#10) This message is sent outside of allowed window."),
    ],
)
def test_a_message_that_comes_too_late_is_parked_with_that_reason(code: int, subcode: int | None, message: str) -> None:
    error = refused(code, subcode, message=message)
    assert type(error) is PermanentError
    assert error.message == f"outside of the 24-hour window: {message}"


def test_a_proof_by_another_apps_secret_refuses_the_credentials() -> None:
    error = refused(100, message="Invalid appsecret_proof provided in the API argument")
    assert type(error) is CredentialsRefused


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, PermanentError),
        (400, PermanentError),
        (401, CredentialsRefused),
        (403, PermanentError),
        (429, Retryable),
        (500, Retryable),
        (503, Retryable),
    ],
)
@pytest.mark.parametrize("body", [{"error": {}}, {"error": "odd"}, {"error": {"code": "190", "message": 7}}])
def test_without_a_code_the_status_counts(status: int, kind: type[ProviderError], body: Json) -> None:
    error = error_of(status, body)
    assert type(error) is kind
    assert (error.message, error.code) == (f"HTTP {status} without a description", status)


@pytest.mark.parametrize(("code", "kind"), [(100, Retryable), (190, CredentialsRefused), (551, RecipientGone)])
def test_a_server_error_is_tried_again_unless_its_code_knows_better(code: int, kind: type[ProviderError]) -> None:
    assert type(refused(code, status=500)) is kind


@pytest.mark.parametrize(("transient", "kind"), [(True, Retryable), (False, PermanentError), ("yes", PermanentError)])
def test_an_error_that_says_it_is_transient_is_tried_again(transient: Json, kind: type[ProviderError]) -> None:
    body = {"error": {"message": "No.", "code": 9999, "is_transient": transient}}
    assert type(error_of(400, body)) is kind


def usage(*minutes: Json) -> str:
    kinds = [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": value} for value in minutes]
    return json.dumps({"104455667788990": kinds})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({USAGE: usage(3)}, 180.0),
        ({USAGE: usage(3, 20, 5)}, 1200.0),
        ({USAGE: usage(0)}, None),
        ({USAGE: usage(0), "Retry-After": "7"}, 7.0),
        ({USAGE: usage(-1, "x", None, True, 1.5)}, None),
        ({USAGE: '{"1": {"estimated_time_to_regain_access": 3}}'}, None),
        ({USAGE: '{"1": [3, null]}'}, None),
        ({USAGE: "{}"}, None),
        ({USAGE: "odd"}, None),
        ({USAGE: "[3]"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize(("code", "status"), [(613, 400), (4, 403), (9999, 429)])
def test_too_many_calls_wait_as_long_as_facebook_estimates(
    headers: dict[str, str], seconds: float | None, code: int, status: int
) -> None:
    error = refused(code, status=status, headers=headers)
    assert isinstance(error, Retryable)
    assert (error.retry_after, error.ambiguous) == (seconds, False)


def test_an_error_that_is_not_of_too_many_calls_does_not_wait_for_the_estimate() -> None:
    error = refused(2, headers={USAGE: usage(3)})
    assert isinstance(error, Retryable)
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "ambiguous"),
    [
        (500, b"", True),
        (502, b"<html>Bad Gateway</html>", True),
        (504, b"[]", True),
        (500, b'{"message": "down"}', True),
        (200, b"<html>Welcome to this network</html>", True),
        (200, b'{"message_id": "m', True),
        (200, b"true", True),
        (302, b"", False),
        (400, b"", False),
        (403, b"<html>Forbidden</html>", False),
        (404, b"{}", False),
    ],
)
def test_an_answer_that_is_not_the_graph_apis_is_tried_again(status: int, body: bytes, ambiguous: bool) -> None:
    error = error_of(status, body)
    assert isinstance(error, Retryable)
    assert (error.message, error.ambiguous) == (f"HTTP {status} without an answer of the Graph API", ambiguous)


def test_a_proxys_request_to_wait_is_obeyed() -> None:
    error = error_of(429, b"slow down", {"Retry-After": "4"})
    assert isinstance(error, Retryable)
    assert error.retry_after == 4.0


@pytest.mark.parametrize("secret", SECRETS)
def test_a_description_never_shows_a_secret(secret: str) -> None:
    error = refused(190, message=f"Malformed access token {secret}")
    assert error.message == "Malformed access token …"


def test_a_secret_that_is_not_set_hides_nothing() -> None:
    error = refusal(HttpAnswer(400, b'{"error": {"message": "abc", "code": 100}}', {}), "EAAtoken", "", "")
    assert error is not None
    assert error.message == "abc"


def test_a_long_description_is_cut_after_secrets_are_gone() -> None:
    error = refused(100, message="x" * 296 + "EAAtoken" + "x" * 1000)
    assert error.message == "x" * 296 + "…xxx"
