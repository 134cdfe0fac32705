"""What a refusal of the Bot API means for us: the one place where its answers become errors.

Texts are those of the open-source Bot API server.
"""

from __future__ import annotations

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
from permabots.providers.base.json_parsing import as_dict, as_int, as_seconds, as_str
from permabots.values import Json

_LONGEST = 300

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _TOO_MANY = 400, 401, 403, 404, 409, 429
_REDIRECT, _SERVER_ERROR = 300, 500
_CONTENT = (_BAD_REQUEST, 413)
"""What it says of a message that it does not take as it is, where it does not speak of the chat."""

_GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "user_deactivated",
    "user_is_blocked",
    "peer_id_invalid",
    "chat_id_invalid",
    "chat_write_forbidden",
    "chat_restricted",
    "channel_private",
    "group is deactivated",
    "group chat was deleted",
    "group chat was upgraded",
    "have no rights to send",
    "not enough rights",
    "no write access",
    "need administrator rights",
    "bot was kicked",
    "bot was blocked",
    "bot is not a member",
)
"""Parts of the descriptions (in lower case) of a 400 that speaks of the chat, not of the message."""


def refusal(answer: HttpAnswer, token: str) -> ProviderError | None:
    """Return the error that an answer stands for, None where the call was accepted.

    Args:
        answer: as it came.
        token: the bot's; replaced in the error's text, should a server between us and Telegram repeat the address.
    """
    said = answer.json_object
    if said is None or not isinstance(said.get("ok"), bool):
        # Not the Bot API's own words. Only a redirect or a 4xx says for sure that the call went no further.
        ambiguous = not _REDIRECT <= answer.status < _SERVER_ERROR
        message = f"HTTP {answer.status} without an answer of the Bot API"
        return Retryable(message, answer.status, as_seconds(answer.headers.get("Retry-After")), ambiguous=ambiguous)
    if said["ok"] and "result" in said:
        return None
    status = as_int(said.get("error_code")) or answer.status
    return _error(status, _description(said, status, token), as_dict(said.get("parameters")), answer)


def _error(status: int, description: str, parameters: dict[str, Json], answer: HttpAnswer) -> ProviderError:
    moved = as_int(parameters.get("migrate_to_chat_id"))
    if moved is not None:
        return RecipientMoved(description, str(moved))
    if status == _TOO_MANY:
        wait = as_seconds(parameters.get("retry_after"))
        wait = as_seconds(answer.headers.get("Retry-After")) if wait is None else wait
        return Retryable(description, status, wait, of_chat_or_account=True)
    if status in (_UNAUTHORIZED, _NOT_FOUND):  # 404 is Telegram's answer to a token of the wrong form
        return CredentialsRefused(description, status)
    if status == _CONFLICT or not _BAD_REQUEST <= status < _SERVER_ERROR:
        return Retryable(description, status)
    if status == _FORBIDDEN or any(words in description.lower() for words in _GONE):
        return RecipientGone(description, status)
    return ContentRefused(description, status) if status in _CONTENT else PermanentError(description, status)


def _description(said: dict[str, Json], status: int, token: str) -> str:
    words = as_str(said.get("description")) or f"HTTP {status} without a description"
    secret = token.rpartition(":")[2]
    return (words.replace(secret, "…") if secret else words)[:_LONGEST]
