"""Turning Kik's refusals into errors.

Kik's documentation is gone, and its library has one error for every status but 200. So the statuses are read as HTTP
defines them. Which of them says that a person has blocked the bot, or left, is not known: so a refusal never gives up
the recipient, only the one message.
"""

from __future__ import annotations

from permabots.exceptions import ContentRefused, CredentialsRefused, PermanentError, ProviderError, Retryable
from permabots.providers.base.http import HttpAnswer
from permabots.providers.base.json_parsing import as_seconds, as_str
from permabots.values import Json

_MAX_CHARS = 300

_OK, _REDIRECT, _BAD_REQUEST, _SERVER_ERROR = 200, 300, 400, 500
_CONTENT = (_BAD_REQUEST, 413)
_UNAUTHORIZED, _FORBIDDEN, _TIMED_OUT, _TOO_MANY = 401, 403, 408, 429


def refusal(answer: HttpAnswer, api_key: str) -> ProviderError | None:
    """Return the error of a response, None where Kik accepted the call: a 2xx with a JSON object.

    Args:
        answer: the response.
        api_key: the bot's API key, which is redacted in the error's text.
    """
    body = answer.json_object
    status = answer.status
    if _OK <= status < _REDIRECT:
        message = f"HTTP {status} without an answer of Kik"
        return Retryable(message, status, ambiguous=True) if body is None else None
    words = _words(body or {}, status, api_key)
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        return CredentialsRefused(words, status)
    if _BAD_REQUEST <= status < _SERVER_ERROR and status not in (_TIMED_OUT, _TOO_MANY):
        return ContentRefused(words, status) if status in _CONTENT else PermanentError(words, status)
    # A 5xx without Kik's own words may have been sent after Kik accepted the message.
    ambiguous = status >= _SERVER_ERROR and body is None
    wait = as_seconds(answer.headers.get("Retry-After", ""))
    return Retryable(words, status, wait, ambiguous=ambiguous, of_account=status == _TOO_MANY)


def _words(body: dict[str, Json], status: int, api_key: str) -> str:
    """Return the words of a body like ``{"error": "BadRequest", "message": "…"}``."""
    words = ": ".join(filter(None, (as_str(body.get("error")), as_str(body.get("message")))))
    hidden = words.replace(api_key, "…") if api_key else words
    return hidden[:_MAX_CHARS] or f"HTTP {status} without a description"
