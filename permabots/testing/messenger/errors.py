"""How the stand-in Graph API says no: texts and codes of Facebook's documents and of answers seen in use.

Which HTTP status goes with a code is not documented; a client should look at ``error.code``.
"""

from __future__ import annotations

import itertools
import json

from permabots.testing.calls import Refusal
from permabots.values import Json

_TRACES = itertools.count(1)


def graph_error(
    code: int, message: str, subcode: int = 0, *, status: int = 400, kind: str = "OAuthException"
) -> Refusal:
    """Return a refusal in the form of the Graph API."""
    error: dict[str, Json] = {"message": message, "type": kind, "code": code}
    if subcode:
        error["error_subcode"] = subcode
    error["fbtrace_id"] = f"A{next(_TRACES):010d}"
    return Refusal(status, message, {"error": error})


def parameter(text: str, subcode: int = 0) -> Refusal:
    """Return error 100: an argument is wrong."""
    return graph_error(100, f"(#100) {text}", subcode)


def too_long(name: str, limit: int) -> Refusal:
    """Return the refusal of a text that is too long."""
    return parameter(f"Length of param {name} must be less than or equal to {limit}")


def token_refused() -> Refusal:
    """Return the refusal of a token that is not valid (any more)."""
    return graph_error(190, "Error validating access token: Session has expired.", 463)


def token_missing() -> Refusal:
    """Return the refusal of a call without a token."""
    return graph_error(2500, "An active access token must be used to query information about the current user.")


def no_such_object(method: str, name: str) -> Refusal:
    """Return the refusal of an id, or a method on it, that does not exist for this token."""
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{name}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation."
    )
    return graph_error(100, text, 33, kind="GraphMethodException")


def unknown_person() -> Refusal:
    """Return the refusal of a PSID that never wrote to the page."""
    return parameter("No matching user found", 2018001)


def outside_window() -> Refusal:
    """Return the refusal of a message to a person who wrote too long ago."""
    return graph_error(10, "(#10) This message is sent outside of allowed window.", 2018278, status=403)


def unavailable() -> Refusal:
    """Return the refusal of a person who blocked the page or is gone."""
    return graph_error(551, "(#551) This person isn't available right now.", 1545041)


def rate_limited(code: int = 613, page_id: str = "", minutes: int = 0) -> Refusal:
    """Return the refusal of a call too many.

    Args:
        code: 613, or 4 for the whole app.
        page_id: whose calls are counted.
        minutes: in how many calls are taken again, as an estimate in a header; 0 says nothing about it.
    """
    texts = {4: "(#4) Application request limit reached"}
    text = texts.get(code, f"(#{code}) Calls to this api have exceeded the rate limit.")
    refusal = graph_error(code, text, status=403)
    if minutes:
        use = {"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": minutes}
        refusal.headers["X-Business-Use-Case-Usage"] = json.dumps({page_id: [use]})
    return refusal
