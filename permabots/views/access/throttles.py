"""How often somebody may call: throttles of Django REST framework, with the rates of ``API_THROTTLES``.

They keep the interface of the framework and its way to name an address (``NUM_PROXIES``). What differs is how calls are
counted, see `permabots.security.counters`.
"""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar

from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from permabots.conf import get_config
from permabots.models import ApiToken
from permabots.security import counters, rates


class Limit(SimpleRateThrottle):
    """A limit by its name in ``API_THROTTLES``.

    Attributes:
        scope: that name.
        of: whose calls are counted, in words.
        follows_caller: whether it depends on the caller alone, and not on the address that is called.
    """

    scope: str
    of: ClassVar[str]
    follows_caller: ClassVar[bool] = False
    num_requests: int
    duration: int

    def get_rate(self) -> str | None:
        """Return the rate in force, None where the limit is off."""
        return get_config().api_throttles.get(self.scope)

    def whom(self, request: Request, view: Any) -> str | None:
        """Return whose calls are counted together; None where this call does not count."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the call, and return whether it is within the limit."""
        whom = self.whom(request, view) if self.rate else None
        return whom is None or counters.count(self.scope, whom, *self._size) <= self.num_requests

    def is_reached(self, whom: str) -> bool:
        """Return whether the limit is reached, without counting a call."""
        return bool(self.rate) and counters.counted(self.scope, whom, *self._size) >= self.num_requests

    @property
    def _size(self) -> tuple[int, int]:
        return self.num_requests, self.duration

    def wait(self) -> float:
        """Return the seconds until calls are taken again."""
        return counters.rest_of_window(self.duration)

    @property
    def words(self) -> str:
        """What the limit is, in words for the caller."""
        return rates.words(self.scope, self.of, self.num_requests, self.duration)


class ByUser(Limit):
    """All calls of one user."""

    scope = rates.USER
    of = rates.OF[scope]
    follows_caller = True

    def whom(self, request: Request, view: Any) -> str | None:
        return None if request.user.pk is None else str(request.user.pk)


class ByToken(Limit):
    """The calls with one API token, so that a program of a user leaves something to the others."""

    scope = "token"
    of = "calls with one API token"
    follows_caller = True

    def whom(self, request: Request, view: Any) -> str | None:
        token: Any = request.auth
        return str(token.pk) if isinstance(token, ApiToken) else None


class ByBot(Limit):
    """The calls of one user about one bot."""

    scope = rates.BOT
    of = rates.OF[scope]

    def whom(self, request: Request, view: Any) -> str | None:
        bot = view.kwargs.get("bot_id") or (view.kwargs.get("id") if getattr(view, "is_about_a_bot", False) else None)
        return None if bot is None else rates.about_bot(request.user.pk, bot)


class ByHookOwner(Limit):
    """All posts of one user to notification hooks."""

    scope = "hook"
    of = "posts of one user to hooks"
    follows_caller = True

    def whom(self, request: Request, view: Any) -> str | None:
        return None if request.user.pk is None else str(request.user.pk)


class ByAddress(Limit):
    """All calls from one address, before it is looked up who calls."""

    scope = "address"
    of = "calls from one address"

    def whom(self, request: Request, view: Any) -> str | None:
        return address_of(self, request)


class BySchemaReader(ByAddress):
    """Calls for the schema from one address: it is for everybody, and takes long to make."""

    scope = "schema"
    of = "calls for the schema from one address"


class ByWrongToken(ByAddress):
    """Calls with wrong credentials from one address."""

    scope = "wrong_token"
    of = "calls with wrong credentials from one address"


def address_of(throttle: BaseThrottle, request: Request) -> str | None:
    """Return the caller's address as the framework finds it, None where a proxy hides it.

    All of an IPv6 network of 64 bits is one address: whoever has one address of it has all.
    """
    text = throttle.get_ident(request)
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return text or None
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address), 64), strict=False))
    return str(address)


def refuse(throttle: BaseThrottle) -> Throttled:
    """Return the answer of a limit that is reached: 429 with ``Retry-After``, and words that name the limit."""
    return Throttled(throttle.wait(), getattr(throttle, "words", None))
