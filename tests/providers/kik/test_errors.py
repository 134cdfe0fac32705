"""What a refusal of Kik means: its documentation is gone, so the statuses are read as HTTP means them."""

from __future__ import annotations

from permabots.exceptions import ContentRefused, CredentialsRefused, PermanentError, ProviderError, Retryable
from permabots.providers.base.http import HttpAnswer
from permabots.providers.kik.errors import refusal
from tests.providers.error_tests import ErrorTests, http_answer

KEY = "3f2a9c1e-key"
SAID = {"error": "Word", "message": "What is wrong."}
NOTHING = "HTTP 400 without a description"


class TestKiksErrors(ErrorTests):
    accepted = [b"{}", b'{"webhook": null}']
    meanings = [
        (status, body, kind, status)
        for status, kind in [
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
        ]
        for body in (SAID, b"<html>", b"[]")
    ]
    retried = [(408, SAID), (429, SAID), (500, {"error": "InternalServerError"})]
    foreign = [
        (200, b"<html>Welcome to this network</html>", True),
        (200, b"", True),
        (204, b"", True),
        (200, b"[" * 100_000, True),
        (302, b"", False),
        (408, b"", False),
        (429, b"slow down", False),
        (502, b"<html>Bad Gateway</html>", True),
        (504, b"", True),
    ]
    foreign_words = "HTTP {} without a"
    words = [
        (
            400,
            {"error": "BadRequest", "message": "You can only send 5 messages"},
            "BadRequest: You can only send 5 messages",
        ),
        (400, {"error": "BadRequest"}, "BadRequest"),
        (400, {"message": "Whatever it is"}, "Whatever it is"),
        (400, {"error": "", "message": 7}, NOTHING),
        (400, {"error": {"code": 1}}, NOTHING),
        (400, b"", NOTHING),
        (400, b"<html>Bad Request</html>", NOTHING),
        (400, {"error": "x" * 1000}, "x" * 300),
        (400, {"error": "BadRequest", "message": f"shopbot:{KEY} said so"}, "BadRequest: shopbot:… said so"),
    ]
    waits = [
        (status, {"error": "RateLimited"}, {"Retry-After": header}, seconds)
        for status in (429, 503)
        for header, seconds in [
            ("7", 7.0),
            ("0.5", 0.5),
            ("0", 0.0),
            ("-1", None),
            ("nan", None),
            ("inf", None),
            ("", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ]
    ]

    def refusal(self, answer: HttpAnswer) -> ProviderError | None:
        return refusal(answer, KEY)


def test_any_2xx_with_an_object_is_no_error() -> None:
    assert refusal(http_answer(201, {}), KEY) is None


def test_without_a_key_there_is_nothing_to_hide() -> None:
    error = refusal(http_answer(400, {"message": "abc"}), "")
    assert error is not None
    assert error.message == "abc"
