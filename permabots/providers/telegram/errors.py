"""Turning the Bot API's refusals into errors. The texts are those of the open-source Bot API server."""

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

_MAX_CHARS = 300

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _TOO_MANY = 400, 401, 403, 404, 409, 429
_REDIRECT, _SERVER_ERROR = 300, 500
_CONTENT = (_BAD_REQUEST, 413)
"""The statuses for a message whose content is refused, where the description is not about the chat."""

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
"""Parts of descriptions (in lower case) of a 400 that is about the chat, not the message."""


def refusal(answer: HttpAnswer, token: str) -> ProviderError | None:
    """Return the error of a response, None where the API accepted the call.

    Args:
        answer: the response.
        token: the bot's token, which is redacted in the error's text: a proxy may repeat the address.
    """
    body = answer.json_object
    if body is None or not isinstance(body.get("ok"), bool):
        # The response is not the Bot API's own. Only a redirect or a 4xx proves that the API did not get the call.
        ambiguous = not _REDIRECT <= answer.status < _SERVER_ERROR
        message = f"HTTP {answer.status} without an answer of the Bot API"
        return Retryable(message, answer.status, as_seconds(answer.headers.get("Retry-After")), ambiguous=ambiguous)
    if body["ok"] and "result" in body:
        return None
    status = as_int(body.get("error_code")) or answer.status
    return _error(status, _description(body, status, token), as_dict(body.get("parameters")), answer)


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


def _description(body: dict[str, Json], status: int, token: str) -> str:
    words = as_str(body.get("description")) or f"HTTP {status} without a description"
    secret = token.rpartition(":")[2]
    return (words.replace(secret, "…") if secret else words)[:_MAX_CHARS]
