"""What a refusal of the Graph API means."""

from __future__ import annotations

import json
from typing import Any

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
from tests.providers.error_tests import ErrorTests, http_answer

SECRETS = ("EAAtoken", "app-secret", "proof")
USAGE = "X-Business-Use-Case-Usage"
LATE = "outside of the 24-hour window: "
CODES: list[tuple[int, int | None, type[ProviderError]]] = [
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
]
"""Code, subcode, and what they mean."""
STATUSES: list[tuple[int, type[ProviderError]]] = [
    (200, PermanentError),
    (400, PermanentError),
    (401, CredentialsRefused),
    (403, PermanentError),
    (429, Retryable),
    (500, Retryable),
    (503, Retryable),
]
"""What counts where there is no code."""
NO_CODE: list[Json] = [{"error": {}}, {"error": "odd"}, {"error": {"code": "190", "message": 7}}]
RECORDED = [
    ("api_error_10_window", PermanentError, 10),
    ("api_error_190", CredentialsRefused, 190),
    ("api_error_551", RecipientGone, 551),
    ("api_error_613", Retryable, 613),
]
"""Refusals as they come."""


def said(code: Json, subcode: Json = None, message: str = "No.", **more: Json) -> dict[str, Any]:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return {"error": {**error, **({} if subcode is None else {"error_subcode": subcode})}}


def recorded(name: str) -> Any:
    return fixtures.content("messenger", name)


def usage(*minutes: Json) -> str:
    kinds = [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": value} for value in minutes]
    return json.dumps({"104455667788990": kinds})


class TestMessengersErrors(ErrorTests):
    accepted = [fixtures.body("messenger", "api_ok_send"), b'{"success": true}', b"{}"]
    meanings = [
        *[(status, said(code, sub), kind, code) for status in (400, 403) for code, sub, kind in CODES],
        *[(400, recorded(name), kind, code) for name, kind, code in RECORDED],
        *[(status, body, kind, status) for status, kind in STATUSES for body in NO_CODE],
        (400, said(10, None, "(#10) This message is sent outside of allowed window."), PermanentError, 10),
        (400, said(100, message="Invalid appsecret_proof provided in the API argument"), CredentialsRefused, 100),
        # A server error, unless its code knows better.
        (500, said(100), Retryable, 100),
        (500, said(190), CredentialsRefused, 190),
        (500, said(551), RecipientGone, 551),
        (400, said(9999, is_transient=True), Retryable, 9999),
        (400, said(9999, is_transient=False), PermanentError, 9999),
        (400, said(9999, is_transient="yes"), PermanentError, 9999),
    ]
    retried = [(status, body) for status in (429, 500, 503) for body in NO_CODE]
    foreign = [
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
    ]
    foreign_words = "HTTP {} without an answer of the Graph API"
    words = [
        *[(400, said(code, sub), "No.") for code, sub, _ in CODES if code != 10],
        *[(400, recorded(name), recorded(name)["error"]["message"]) for name, _, code in RECORDED if code != 10],
        *[(status, body, f"HTTP {status} without a description") for status, _ in STATUSES for body in NO_CODE],
        *[
            (400, said(190, message=f"Malformed access token {secret}"), "Malformed access token …")
            for secret in SECRETS
        ],
        (400, said(100, message="x" * 296 + "EAAtoken" + "x" * 1000), "x" * 296 + "…xxx"),
        # A message that comes too late.
        (
            400,
            said(10, 2018278, "(#10) This message is sent outside of allowed window."),
            f"{LATE}(#10) This message is sent outside of allowed window.",
        ),
        (400, said(10, 2534022, "(#10) No."), f"{LATE}(#10) No."),
        (
            400,
            said(10, None, "(#10) This message is sent outside of allowed window."),
            f"{LATE}(#10) This message is sent outside of allowed window.",
        ),
    ]
    waits = [
        *[
            (status, said(code), headers, seconds)
            for code, status in [(613, 400), (4, 403), (9999, 429)]
            for headers, seconds in [
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
            ]
        ],
        (400, said(2), {USAGE: usage(3)}, None),  # it is not for too many calls
        (429, b"slow down", {"Retry-After": "4"}, 4.0),
    ]

    def refusal(self, answer: HttpAnswer) -> ProviderError | None:
        return refusal(answer, *SECRETS)


def test_a_secret_that_is_not_set_hides_nothing() -> None:
    error = refusal(http_answer(400, {"error": {"message": "abc", "code": 100}}), "EAAtoken", "", "")
    assert error is not None
    assert error.message == "abc"
