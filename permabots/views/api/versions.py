"""Which version of a row a caller has seen: ``ETag`` in an answer, ``If-Match`` in a change that counts on it.

A call without ``If-Match`` is carried out as ever: clients of 2.2.3 send none.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from django.utils.http import parse_etags
from rest_framework.exceptions import APIException
from rest_framework.request import Request

STALE = "The row has been changed since. Nothing was written."
OVERTAKEN = "The row was changed at the same moment. Nothing was written."


class _Refused(APIException):
    """A change that would undo somebody else's.

    Args:
        current: the row as it is, as the API shows it.
    """

    sentence: ClassVar[str]

    def __init__(self, current: Any) -> None:
        super().__init__()
        # The row is in it as it is: DRF would make texts of its values.
        self.detail: Any = {"detail": self.sentence, "current": current}


class PreconditionFailed(_Refused):
    """The row is not the one that the caller has seen."""

    status_code = 412
    sentence = STALE


class Overtaken(_Refused):
    """Somebody else wrote while this call did."""

    status_code = 409
    sentence = OVERTAKEN


def etag(content: Any) -> str:
    """Return the ``ETag`` of a row as the API shows it."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def is_conditional(request: Request) -> bool:
    """Whether a call counts on a version."""
    return "If-Match" in request.headers


def check_match(request: Request, current: Any) -> None:
    """Refuse a call that counts on another version than the present one.

    A tag that a proxy made weak because it compresses (``W/``) is taken for the one that it was.

    Args:
        request: with ``If-Match``.
        current: the row as the API shows it now.

    Raises:
        PreconditionFailed: it is another one.
    """
    wanted = [tag.removeprefix("W/") for tag in parse_etags(request.headers["If-Match"])]
    if "*" not in wanted and etag(current) not in wanted:
        raise PreconditionFailed(current)
