"""How the stand-in Bot API says no, in Telegram's words (read in the open-source Bot API server and TDLib)."""

from __future__ import annotations

from permabots.testing.http11 import Reply, json_reply
from permabots.values import Json


class ApiError(Exception):
    """A refused call.

    Args:
        status: the HTTP status, which is the ``error_code`` too.
        description: Telegram's text.
        parameters: the ``parameters`` of the answer: ``retry_after`` or ``migrate_to_chat_id``.
    """

    def __init__(self, status: int, description: str, parameters: dict[str, Json] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters or {}

    def reply(self) -> Reply:
        """Return the answer: status and ``error_code`` agree; a 429 carries ``Retry-After`` too."""
        body: dict[str, Json] = {"ok": False, "error_code": self.status, "description": self.description}
        headers: dict[str, str] = {}
        if self.parameters:
            body["parameters"] = self.parameters
        if "retry_after" in self.parameters:
            headers["Retry-After"] = str(self.parameters["retry_after"])
        return json_reply(body, self.status, headers)


def bad_request(description: str) -> ApiError:
    """Return a 400."""
    return ApiError(400, f"Bad Request: {description}")


def too_many_requests(seconds: int) -> ApiError:
    """Return a 429 that asks to wait so many seconds."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def migrated(chat_id: int) -> ApiError:
    """Return the 400 that names the supergroup which a group has become."""
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(400, text, {"migrate_to_chat_id": chat_id})


def blocked() -> ApiError:
    """Return the 403 of a person who blocked the bot."""
    return ApiError(403, "Forbidden: bot was blocked by the user")


def unauthorized() -> ApiError:
    """Return the 401 of a token that is not valid."""
    return ApiError(401, "Unauthorized")


def not_found() -> ApiError:
    """Return the 404 of a method that does not exist."""
    return ApiError(404, "Not Found")
