"""How the stand-in Kik says no.

Kik's documents are gone: that an error is a JSON object with ``error`` and ``message`` is known, its words and which
status goes with what are not confirmed.
"""

from __future__ import annotations

import math

from permabots.testing.calls import Refusal


def kik_error(status: int, error: str, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """Return a refusal in Kik's form."""
    return Refusal(status, message, {"error": error, "message": message}, headers)


def bad_request(message: str) -> Refusal:
    """Return a 400."""
    return kik_error(400, "BadRequest", message)


def unauthorized() -> Refusal:
    """Return the 401 of credentials that are not valid."""
    return kik_error(401, "Unauthorized", "The username or API key is not valid")


def forbidden() -> Refusal:
    """Return the 403 of a person who blocked the bot."""
    return kik_error(403, "Forbidden", "The user has blocked this bot")


def unknown_person() -> Refusal:
    """Return the 400 of a person who does not exist, or never wrote to the bot."""
    return bad_request("The user does not exist or has not started a conversation with this bot")


def not_found() -> Refusal:
    """Return a 404."""
    return kik_error(404, "NotFound", "There is nothing here")


def too_many(seconds: float = 1.0) -> Refusal:
    """Return a 429 that asks to wait so many seconds."""
    return kik_error(429, "TooManyRequests", "Rate limit exceeded", {"Retry-After": str(math.ceil(seconds))})
