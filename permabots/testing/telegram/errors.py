"""How the stand-in Bot API says no, in Telegram's words (read in the open-source Bot API server and TDLib)."""

from __future__ import annotations

from permabots.testing.calls import Refusal
from permabots.values import Json


def api_error(status: int, description: str, parameters: dict[str, Json] | None = None) -> Refusal:
    """Return a refusal in the form of the Bot API: status and ``error_code`` agree; a 429 carries ``Retry-After`` too.

    Args:
        status: the HTTP status.
        description: Telegram's text.
        parameters: the ``parameters`` of the answer: ``retry_after`` or ``migrate_to_chat_id``.
    """
    body: dict[str, Json] = {"ok": False, "error_code": status, "description": description}
    headers: dict[str, str] = {}
    if parameters:
        body["parameters"] = parameters
        if "retry_after" in parameters:
            headers["Retry-After"] = str(parameters["retry_after"])
    return Refusal(status, description, body, headers)


def bad_request(description: str) -> Refusal:
    """Return a 400."""
    return api_error(400, f"Bad Request: {description}")


def too_many_requests(seconds: int) -> Refusal:
    """Return a 429 that asks to wait so many seconds."""
    return api_error(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(chat_id: int) -> Refusal:
    """Return the 400 that names the supergroup which a group has become."""
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    return api_error(400, text, {"migrate_to_chat_id": chat_id})


def blocked() -> Refusal:
    """Return the 403 of a person who blocked the bot."""
    return api_error(403, "Forbidden: bot was blocked by the user")


def unauthorized() -> Refusal:
    """Return the 401 of a token that is not valid."""
    return api_error(401, "Unauthorized")


def not_found() -> Refusal:
    """Return the 404 of a method that does not exist."""
    return api_error(404, "Not Found")
