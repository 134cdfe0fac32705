"""The circuit breaker: an API that does not answer several times in a row is left alone for a while.

What is known of an API that fails is in a row that all workers share; one that answers has no row and costs nothing. A
breaker whose time has passed lets one call through: if that is answered the row goes, else the breaker stays open,
longer each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models.functions import Now

from permabots import logs
from permabots.conf import get_config
from permabots.engine.http.responses import ApiResponse
from permabots.models import ApiHealth
from permabots.models.api_health import ApiHealthQuerySet
from permabots.values import storable

logger = logs.get_logger(__name__)

LONGEST = 300.0
"""Seconds that an API is left alone at most, unless ``BREAKER_SECONDS`` itself is longer."""
MARGIN = 5.0
"""Seconds beyond a call's own limit after which its caller counts as dead, and another may ask."""
EXPIRES_AFTER = timedelta(days=1)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    """An API that is left alone.

    Args:
        bot_id: whose author's it is.
        origin: scheme, host and port.
        open_until: it is not asked before; where that has passed, the next message asks it.
        failures: calls without answer in a row.
    """

    bot_id: UUID
    origin: str
    open_until: datetime
    failures: int


def open_breakers() -> list[OpenBreaker]:
    """Return all APIs that are left alone, those with the most failures first."""
    rows = ApiHealth.objects.exclude(open_until=None).order_by("-failures", "pk")
    return [OpenBreaker(row.bot_id, row.origin, row.open_until, row.failures) for row in rows if row.open_until]


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address; "" where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return storable(f"{parts.scheme}://{host}:{port}")[:300] if host and port else ""


@dataclass(frozen=True, slots=True)
class Breaker:
    """The breaker of one API of one bot, as one turn sees it.

    Args:
        bot_id: whose author's it is.
        origin: which.
        failures: calls without answer in a row, before this turn.
        left: seconds for which it is open still; 0 or less when its time has passed, None when it is closed.
    """

    bot_id: UUID
    origin: str
    failures: int = 0
    left: float | None = None

    @classmethod
    def read(cls, bot_id: UUID, origin: str) -> Self:
        """Return the breaker as it is now, by the database's clock."""
        row = ApiHealth.objects.filter(bot=bot_id, origin=origin).annotate(now=Now())
        found = row.values_list("failures", "open_until", "now").first()
        if found is None:
            return cls(bot_id, origin)
        failures, until, now = found
        return cls(bot_id, origin, failures, None if until is None else (until - now).total_seconds())

    @property
    def is_open(self) -> bool:
        """Whether the API is not to be called now."""
        return self.left is not None and self.left > 0

    def try_acquire_probe(self) -> bool:
        """Whether this turn may make its call: always while the breaker is closed; when its time has passed, one."""
        return self.left is None or self._rows().claim_probe(self._patience())

    def refusal(self) -> ApiResponse:
        """Return what templates see in place of an answer."""
        left = self.left if self.is_open and self.left is not None else self._patience()
        again = f"it is asked again in {math.ceil(left)} s"
        return ApiResponse(0, error=f"the API did not answer {self.failures} times in a row, {again}")

    def record_result(self, answer: ApiResponse) -> None:
        """Write down what a call came to, where that changes anything."""
        if answer.unavailable and self.left is not None:
            self._failed_again(answer)
        elif answer.unavailable:
            self._failed(answer)
        elif self.failures and self._rows().delete()[0]:
            logger.info("an API of bot %s answers again", self.bot_id)

    def _rows(self) -> ApiHealthQuerySet:
        return ApiHealth.objects.filter(bot=self.bot_id, origin=self.origin)

    def _failed(self, answer: ApiResponse) -> None:
        config = get_config()
        if not config.breaker_failures:
            return
        if not self.failures:
            self._remember()
        self._rows().count_failure(_words(answer))
        if self._rows().open(config.breaker_failures, config.breaker_seconds):
            logger.warning(
                "an API of bot %s did not answer %s times in a row: it is left alone for %s s",
                self.bot_id,
                config.breaker_failures,
                config.breaker_seconds,
            )

    def _remember(self) -> None:
        """Store a row, and delete those of APIs that nobody asks any more: people may make up addresses."""
        if ApiHealth.objects.get_or_create(bot_id=self.bot_id, origin=self.origin)[1]:
            ApiHealth.objects.filter(bot=self.bot_id, changed_at__lt=Now() - EXPIRES_AFTER).delete()

    def _failed_again(self, answer: ApiResponse) -> None:
        config = get_config()
        doubled = config.breaker_seconds * 2.0 ** min(max(self.failures + 1 - config.breaker_failures, 0), 30)
        seconds = max(config.breaker_seconds, min(LONGEST, doubled))
        self._rows().stay_open(self.failures, seconds, _words(answer))

    @staticmethod
    def _patience() -> float:
        """Return for how many seconds everybody waits for the one call that is let through."""
        return get_config().request_timeout + MARGIN


def _words(answer: ApiResponse) -> str:
    return (answer.error or f"it answered {answer.status}")[:255]
