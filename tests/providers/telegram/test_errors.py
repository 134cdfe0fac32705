"""What a refusal of the Bot API means. Texts are those of the open-source Bot API server."""

from __future__ import annotations

from typing import Any

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
from tests.providers.error_tests import ErrorTests, http_answer

TOKEN = "111:a-Secret_token"
GONE = [
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
]
"""Recipients that cannot be reached."""
CONTENT = [
    (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    (400, "Bad Request: message text is empty"),
    (400, "Bad Request: message is too long"),
    (400, "Bad Request: message is not modified: specified new message content is exactly the same"),
    (400, "Bad Request: message to delete not found"),
    (400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
    (400, "Bad Request: BUTTON_DATA_INVALID"),
    (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
    (413, "Request Entity Too Large"),
]
"""Messages that Telegram does not take as they are."""
TOKENS = [(401, "Unauthorized"), (404, "Not Found")]
LATER = [
    (409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"),
    (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
    (500, "Internal Server Error: restart"),
    (502, "Bad Gateway"),
]
ODD = {"ok": False, "description": None, "error_code": "odd", "parameters": 7}


def said(status: int, description: str, **more: Json) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": description, **more}


def meanings(
    kind: type[ProviderError], texts: list[tuple[int, str]]
) -> list[tuple[int, Json, type[ProviderError], int]]:
    return [(status, said(status, text), kind, status) for status, text in texts]


class TestTelegramsErrors(ErrorTests):
    accepted = [fixtures.body("telegram", "api_ok_sendMessage"), b'{"ok": true, "result": true}']
    meanings = [
        *meanings(RecipientGone, GONE),
        *meanings(ContentRefused, CONTENT),
        *meanings(CredentialsRefused, TOKENS),
        *meanings(PermanentError, [(405, "Method Not Allowed: method is not allowed")]),
        (400, fixtures.content("telegram", "api_error_400_migrated"), RecipientMoved, 400),
        (429, fixtures.content("telegram", "api_error_429"), Retryable, 429),
        (200, said(403, "Forbidden: bot was blocked by the user"), RecipientGone, 403),
    ]
    retried = [(status, said(status, text)) for status, text in LATER]
    foreign = [
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
    ]
    foreign_words = "HTTP {} without an answer of the Bot API"
    words = [
        *[(status, said(status, text), text) for status, text in [*GONE, *CONTENT, *LATER]],
        (400, said(400, "x" * 1000), "x" * 300),
        *[(200, body, "HTTP 200 without a description") for body in ({"ok": False}, {"ok": True}, ODD)],
    ]
    waits = [
        (429, fixtures.content("telegram", "api_error_429"), {}, 7.0),
        (429, b"slow down", {"Retry-After": "4"}, 4.0),
        *[
            (
                429,
                said(429, "Too Many Requests", parameters=parameters),
                {"Retry-After": header} if header else {},
                seconds,
            )
            for parameters, header, seconds in [
                ({"retry_after": 0.5}, "", 0.5),
                ({"retry_after": "3"}, "", 3.0),
                ({"retry_after": 7}, "9", 7.0),
                ({"retry_after": True}, "9", 9.0),
                ({"retry_after": -1}, "9", 9.0),
                ({"retry_after": [1]}, "nan", None),
                ({}, "Wed, 21 Oct 2026 07:28:00 GMT", None),
                ("odd", "9", 9.0),
                (None, "", None),
            ]
        ],
    ]

    def refusal(self, answer: HttpAnswer) -> ProviderError | None:
        return refusal(answer, TOKEN)

    @pytest.mark.parametrize("repeated", [TOKEN, "111%3Aa-Secret_token", "a-Secret_token"])
    def test_a_description_never_shows_the_token(self, repeated: str) -> None:
        error = self.error_of(400, said(400, f"no /bot{repeated}/sendMessage here"))
        assert "a-Secret_token" not in f"{error} {error!r} {error.message}"

    def test_a_group_that_became_a_supergroup_names_its_new_id(self) -> None:
        error = self.error_of(400, fixtures.content("telegram", "api_error_400_migrated"))
        assert isinstance(error, RecipientMoved)
        assert error.chat_id == "-1001998877665"


def test_a_token_without_a_second_half_hides_nothing() -> None:
    error = refusal(http_answer(400, said(400, "abc")), "111:")
    assert error is not None
    assert error.message == "abc"
