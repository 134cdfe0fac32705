"""Where a worker stores what the web chat shows: it asks the run before and after what is to go wrong there."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import OperationalError

from permabots.values import Payload

BEFORE, AFTER = "/before", "/after"
"""The paths of the calls: before anything is stored, and when it is committed."""
FAILS = 503
"""What a call is answered with where the database is to fail there."""


def telling(url: str, store: Callable[[UUID, Payload], Any]) -> Callable[[UUID, Payload], Any]:
    """Return what stores as ``store`` does and asks before and after: the process may be killed in the call.

    Args:
        url: of `tests.chaos.web_chat.stand_in.ChaosStore`.
        store: stores a message for the page.
    """

    @wraps(store)
    def asking(account: UUID, payload: Payload) -> Any:
        text = str(payload.body["markup"])
        _ask(url + BEFORE, text)
        receipt = store(account, payload)
        _ask(url + AFTER, text)
        return receipt

    return asking


def _ask(url: str, text: str) -> None:
    """Tell the run where this process is.

    Raises:
        OperationalError: the run wants the database to fail here.
    """
    query = urllib.parse.urlencode({"text": text})
    try:
        urllib.request.urlopen(f"{url}?{query}", timeout=10).close()  # noqa: S310 - of this machine
    except urllib.error.HTTPError as error:
        if error.code == FAILS:
            raise OperationalError("a chaos run broke this") from error
        raise
    except (OSError, http.client.HTTPException):
        return  # the run is over, or did not find this process any more
