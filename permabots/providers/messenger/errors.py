"""What a refusal of the Graph API means for us: the one place where its answers become errors.

The codes are those of the Messenger Platform's list of common errors, and of the Graph API's. That list is not
complete: an error that is in neither is permanent, unless it says itself that it is transient.
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

_LONGEST = 300
_MINUTE = 60.0
_OK, _REDIRECT, _UNAUTHORIZED, _TOO_MANY, _SERVER_ERROR = 200, 300, 401, 429, 500

_GONE = {(100, 2018001), (200, 1545041), (10, 2018108)}
"""Code and subcode: this page knows no such person, or the person is not receiving messages from it."""
_UNAVAILABLE = 551
"""The person cannot be written to: they blocked the page, or their account is closed."""
_WINDOW = {(10, 2018278), (10, 2534022), (10, 2018065)}
"""It is more than 24 hours since the person wrote; the last one was the code of earlier versions."""
_WINDOW_SAID = "outside of allowed window"
_TOKEN = {102, 190, 2500}
"""The token is invalid, has expired or was withdrawn, or none came."""
_PERMISSION = {10, *range(200, 300)}
"""Without a subcode: the token lacks the permission. With one, they speak of the message or of the page."""
_PARAMETER, _PROOF = 100, "appsecret_proof"
"""A parameter is wrong: the message is not taken as it is. When it is this one, the app secret is not that of the
token's app, or it is missing."""
_THROTTLED = {4, 17, 32, 613, 80001, 80006}
"""Too many calls: of the app, of the page, or of the page to the Messenger Platform."""
_TEMPORARY = {1, 2, 1200}
"""Facebook's own trouble. A 2 may also be a person who blocked the page, so it is good that tries are counted."""


def refusal(answer: HttpAnswer, *secrets: str) -> ProviderError | None:
    """Return the error that an answer stands for, None where the call was accepted.

    Args:
        answer: as it came.
        secrets: replaced in the error's text; Facebook does repeat a token that it cannot read.
    """
    said = answer.json_object
    if said is not None and "error" in said:
        return _error(as_dict(said["error"]), answer, secrets)
    if said is not None and _OK <= answer.status < _REDIRECT:
        return None
    # Not the Graph API's own words. Only a redirect or a 4xx says for sure that the call went no further.
    ambiguous = not _REDIRECT <= answer.status < _SERVER_ERROR
    message = f"HTTP {answer.status} without an answer of the Graph API"
    return Retryable(message, answer.status, _seconds(answer), ambiguous=ambiguous)


def _error(error: dict[str, Json], answer: HttpAnswer, secrets: tuple[str, ...]) -> ProviderError:
    code, subcode = as_int(error.get("code")) or 0, as_int(error.get("error_subcode")) or 0
    said = as_str(error.get("message"))
    words = _words(said or f"HTTP {answer.status} without a description", secrets)
    shown = code or answer.status
    if code == _UNAVAILABLE or (code, subcode) in _GONE:
        return RecipientGone(words, shown)
    if (code, subcode) in _WINDOW or _WINDOW_SAID in said.lower():
        return PermanentError(f"outside of the 24-hour window: {words}", shown)
    if _refuses_credentials(code, subcode, said) or (not code and answer.status == _UNAUTHORIZED):
        return CredentialsRefused(words, shown)
    if code in _THROTTLED or answer.status == _TOO_MANY:
        return Retryable(words, shown, _seconds(answer), of_account=True)
    if code in _TEMPORARY or answer.status >= _SERVER_ERROR or error.get("is_transient") is True:
        return Retryable(words, shown)
    return ContentRefused(words, shown) if code == _PARAMETER else PermanentError(words, shown)


def _refuses_credentials(code: int, subcode: int, said: str) -> bool:
    return code in _TOKEN or (code in _PERMISSION and not subcode) or (code == _PARAMETER and _PROOF in said)


def _words(said: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        said = said.replace(secret, "…")
    return said[:_LONGEST]


def _seconds(answer: HttpAnswer) -> float | None:
    """Return how long to wait, None where nobody says.

    Facebook estimates it, in minutes, for each kind of use of the page; a server between us may send ``Retry-After``.
    """
    uses = HttpAnswer(answer.status, answer.headers.get("X-Business-Use-Case-Usage", "").encode(), {}).json_object
    lists = [kinds for kinds in (uses or {}).values() if isinstance(kinds, list)]
    estimates = [as_int(as_dict(kind).get("estimated_time_to_regain_access")) or 0 for kinds in lists for kind in kinds]
    if (longest := max(estimates, default=0)) > 0:
        return longest * _MINUTE
    return as_seconds(answer.headers.get("Retry-After"))
