"""What is decided before anybody looks up who calls: too many calls, or too many wrong credentials, from one address.

Right credentials are served from an address with too many wrong ones, too, where they were right before: a keyed digest
of the header is remembered in the process, and in the cache for the other processes. A caller over a limit of their own
is refused without a look-up for the rest of its window.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from cachetools import TTLCache
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from permabots.conf import get_config
from permabots.security import counters
from permabots.views.access.throttles import ByWrongToken, Limit, refuse

_REMEMBERED = 4096
_SECONDS_HERE = 600
_SECONDS_SHARED = 3600

_lock = threading.Lock()
_right: TTLCache[str, bool] = TTLCache(_REMEMBERED, _SECONDS_HERE)
_over: TTLCache[tuple[str, str], tuple[float, str]] = TTLCache(_REMEMBERED, 60)
"""Credentials and the name of a limit -> until when, by the process's clock, and the limit's words."""


def enter(request: Request, view: Any, look_up: Callable[[], object]) -> None:
    """Look up who calls, unless that is refused beforehand.

    Args:
        request: the call.
        view: its view, with ``entrance_classes`` and ``throttle_classes``.
        look_up: authenticates the caller.

    Raises:
        Throttled: the limit is named in its text; nothing was looked up.
        AuthenticationFailed: the credentials are wrong; that is counted.
    """
    if not get_config().api_throttles:
        look_up()
        return
    for throttle in (kind() for kind in view.entrance_classes):
        if not throttle.allow_request(request, view):
            raise refuse(throttle)
    if not (credentials := _credentials(request)):
        look_up()
        return
    _refuse_who_is_over(credentials, view)
    _authenticate(request, view, credentials, look_up)


def leave_out(request: Request, throttle: BaseThrottle) -> None:
    """Remember that a caller is over a limit, so that nothing is looked up for them until its window ends."""
    if isinstance(throttle, Limit) and throttle.follows_caller and (credentials := _credentials(request)):
        with _lock:
            _over[credentials, throttle.scope] = (time.monotonic() + throttle.wait(), throttle.words)


def _refuse_who_is_over(credentials: str, view: Any) -> None:
    for kind in view.throttle_classes:
        with _lock:
            until, words = _over.get((credentials, kind.scope), (0.0, ""))
        if (rest := until - time.monotonic()) > 0:
            raise Throttled(rest, words)


def _authenticate(request: Request, view: Any, credentials: str, look_up: Callable[[], object]) -> None:
    limit = ByWrongToken()
    address = limit.whom(request, view)
    with _lock:
        known = credentials in _right
    if not known and address is not None and limit.is_reached(address) and not counters.is_marked(credentials):
        raise refuse(limit)
    try:
        look_up()
    except AuthenticationFailed:
        _forget(credentials)
        limit.allow_request(request, view)
        raise
    if not known and request.successful_authenticator is not None:
        _remember(credentials)


def _remember(credentials: str) -> None:
    with _lock:
        _right[credentials] = True
    counters.mark(credentials, _SECONDS_SHARED)


def _forget(credentials: str) -> None:
    with _lock:
        known = _right.pop(credentials, False)
    if known or counters.is_marked(credentials):
        counters.remove_mark(credentials)


def _credentials(request: Request) -> str:
    """Return a keyed digest of what a caller shows, "" for nothing: a password must not be found out from a cache."""
    header = request.headers.get("Authorization", "")
    return salted_hmac(__name__, header, algorithm="sha256").hexdigest() if header else ""
