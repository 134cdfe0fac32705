"""Turning the Graph API's refusals into errors.

The codes are from the lists of errors of the Messenger Platform and of the Graph API. These lists are not complete: an
error that is in neither is permanent, unless ``is_transient`` says otherwise.
"""

from __future__ import annotations

from permabots.exceptions import (
    ContentRefused,
    CredentialsRefused,
    PermanentError,
    ProviderError,
    RecipientGone,
    Retryable,
)
from permabots.providers.base.http import HttpAnswer
from permabots.providers.base.json_parsing import as_dict, as_int, as_seconds, as_str
from permabots.values import Json

_MAX_CHARS = 300
_MINUTE = 60.0
_OK, _REDIRECT, _UNAUTHORIZED, _TOO_MANY, _SERVER_ERROR = 200, 300, 401, 429, 500

_GONE = {(100, 2018001), (200, 1545041), (10, 2018108)}
"""Code and subcode: the page has no such person, or the person does not receive messages from the page."""
_UNAVAILABLE = 551
"""The person cannot get messages: they blocked the page, or their account is closed."""
_WINDOW = {(10, 2018278), (10, 2534022), (10, 2018065)}
"""The person's last message is more than 24 hours old; the last code is of earlier versions."""
_WINDOW_SAID = "outside of allowed window"
_TOKEN = {102, 190, 2500}
"""The token is invalid, expired, withdrawn or missing."""
_PERMISSION = {10, *range(200, 300)}
"""Without a subcode: the token lacks a permission. With one, the error is about the message or the page."""
_PARAMETER, _PROOF = 100, "appsecret_proof"
"""A parameter is wrong: the content of the message is refused. If it is ``appsecret_proof``, the app secret is missing
or not of the token's app."""
_THROTTLED = {4, 17, 32, 613, 80001, 80006}
"""Too many calls: of the app, of the page, or of the page to the Messenger Platform."""
_TEMPORARY = {1, 2, 1200}
"""Temporary errors of Facebook. A 2 may also mean that the person blocked the page: the attempts' limit ends that."""


def refusal(answer: HttpAnswer, *secrets: str) -> ProviderError | None:
    """Return the error of a response, None where the API accepted the call.

    Args:
        answer: the response.
        secrets: texts that are redacted in the error's text: Facebook repeats a token that it cannot parse.
    """
    body = answer.json_object
    if body is not None and "error" in body:
        return _error(as_dict(body["error"]), answer, secrets)
    if body is not None and _OK <= answer.status < _REDIRECT:
        return None
    # The response is not the Graph API's own. Only a redirect or a 4xx proves that the API did not get the call.
    ambiguous = not _REDIRECT <= answer.status < _SERVER_ERROR
    message = f"HTTP {answer.status} without an answer of the Graph API"
    return Retryable(message, answer.status, _seconds(answer), ambiguous=ambiguous)


def _error(error: dict[str, Json], answer: HttpAnswer, secrets: tuple[str, ...]) -> ProviderError:
    code, subcode = as_int(error.get("code")) or 0, as_int(error.get("error_subcode")) or 0
    message = as_str(error.get("message"))
    words = _words(message or f"HTTP {answer.status} without a description", secrets)
    number = code or answer.status
    if code == _UNAVAILABLE or (code, subcode) in _GONE:
        return RecipientGone(words, number)
    if (code, subcode) in _WINDOW or _WINDOW_SAID in message.lower():
        return PermanentError(f"outside of the 24-hour window: {words}", number)
    if _refuses_credentials(code, subcode, message) or (not code and answer.status == _UNAUTHORIZED):
        return CredentialsRefused(words, number)
    if code in _THROTTLED or answer.status == _TOO_MANY:
        return Retryable(words, number, _seconds(answer), of_account=True)
    if code in _TEMPORARY or answer.status >= _SERVER_ERROR or error.get("is_transient") is True:
        return Retryable(words, number)
    return ContentRefused(words, number) if code == _PARAMETER else PermanentError(words, number)


def _refuses_credentials(code: int, subcode: int, message: str) -> bool:
    return code in _TOKEN or (code in _PERMISSION and not subcode) or (code == _PARAMETER and _PROOF in message)


def _words(message: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        message = message.replace(secret, "…")
    return message[:_MAX_CHARS]


def _seconds(answer: HttpAnswer) -> float | None:
    """Return the seconds to wait, None where the response does not say.

    Facebook estimates the minutes for each kind of use of the page; a proxy in front of it may send ``Retry-After``.
    """
    uses = HttpAnswer(answer.status, answer.headers.get("X-Business-Use-Case-Usage", "").encode(), {}).json_object
    lists = [kinds for kinds in (uses or {}).values() if isinstance(kinds, list)]
    estimates = [as_int(as_dict(kind).get("estimated_time_to_regain_access")) or 0 for kinds in lists for kind in kinds]
    if (longest := max(estimates, default=0)) > 0:
        return longest * _MINUTE
    return as_seconds(answer.headers.get("Retry-After"))
