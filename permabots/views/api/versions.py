"""Versions of rows: an answer has an ``ETag``, and a change with ``If-Match`` is refused where the row is another one.

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
VERSION_CONFLICT = "The row was changed at the same moment. Nothing was written."


class _Refused(APIException):
    """A change that would undo the change of another caller.

    Args:
        current: the row as it is, as the API shows it.
    """

    sentence: ClassVar[str]

    def __init__(self, current: Any) -> None:
        super().__init__()
        # Set here, because APIException would turn the row's values into texts.
        self.detail: Any = {"detail": self.sentence, "current": current}


class PreconditionFailed(_Refused):
    """The row has changed since the caller read it."""

    status_code = 412
    sentence = STALE


class VersionConflict(_Refused):
    """The row was changed while this call was writing."""

    status_code = 409
    sentence = VERSION_CONFLICT


def etag(content: Any) -> str:
    """Return the ``ETag`` of a row as the API shows it."""
    text = json.dumps(content, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def is_conditional(request: Request) -> bool:
    """Whether a call has ``If-Match``."""
    return "If-Match" in request.headers


def check_match(request: Request, current: Any) -> None:
    """Refuse a call whose ``If-Match`` does not name the present version.

    A proxy that compresses makes tags weak (``W/``): such a tag counts as the strong one.

    Args:
        request: with ``If-Match``.
        current: the row as the API shows it now.

    Raises:
        PreconditionFailed: no tag names the present version.
    """
    wanted = [tag.removeprefix("W/") for tag in parse_etags(request.headers["If-Match"])]
    if "*" not in wanted and etag(current) not in wanted:
        raise PreconditionFailed(current)
