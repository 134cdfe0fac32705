"""What a refusal of Kik means for us: the one place where its answers become errors.

Kik's documentation is gone, and its library knows one error for everything that is not a 200. So the statuses are read
as HTTP means them. Which of them says that a person has blocked the bot, or is gone, is not known: nobody is ever given
up for good here, only the one message is.
"""

from __future__ import annotations

from permabots.exceptions import ContentRefused, CredentialsRefused, PermanentError, ProviderError, Retryable
from permabots.providers.base.http import HttpAnswer
from permabots.providers.base.json_parsing import as_seconds, as_str
from permabots.values import Json

_LONGEST = 300

_OK, _REDIRECT, _BAD_REQUEST, _SERVER_ERROR = 200, 300, 400, 500
_CONTENT = (_BAD_REQUEST, 413)
_UNAUTHORIZED, _FORBIDDEN, _TIMED_OUT, _TOO_MANY = 401, 403, 408, 429


def refusal(answer: HttpAnswer, api_key: str) -> ProviderError | None:
    """Return the error that an answer stands for, None where the call was accepted: a 2xx with a JSON object.

    Args:
        answer: as it came.
        api_key: the bot's; replaced in the error's text, should it be repeated there.
    """
    said = answer.json_object
    status = answer.status
    if _OK <= status < _REDIRECT:
        message = f"HTTP {status} without an answer of Kik"
        return Retryable(message, status, ambiguous=True) if said is None else None
    words = _words(said or {}, status, api_key)
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        return CredentialsRefused(words, status)
    if _BAD_REQUEST <= status < _SERVER_ERROR and status not in (_TIMED_OUT, _TOO_MANY):
        return ContentRefused(words, status) if status in _CONTENT else PermanentError(words, status)
    # A server that breaks down without Kik's own words may have done so after the message was taken.
    ambiguous = status >= _SERVER_ERROR and said is None
    wait = as_seconds(answer.headers.get("Retry-After", ""))
    return Retryable(words, status, wait, ambiguous=ambiguous, of_account=status == _TOO_MANY)


def _words(said: dict[str, Json], status: int, api_key: str) -> str:
    """Return what Kik says: ``{"error": "BadRequest", "message": "…"}``."""
    words = ": ".join(filter(None, (as_str(said.get("error")), as_str(said.get("message")))))
    hidden = words.replace(api_key, "…") if api_key else words
    return hidden[:_LONGEST] or f"HTTP {status} without a description"
