"""Calls to users' APIs as turns make them: an API that is slow or dead harms its own author only.

Before the client (`permabots.engine.http.client.UserApi`) stand the bulkhead, which keeps a part of the worker free for
others while an API is slow, and the circuit breaker, which leaves an API alone that does not answer. Simulations use
the client alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permabots.conf import get_config
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.responses import ApiResponse
from permabots.pipeline.user_api import bulkhead
from permabots.pipeline.user_api.circuit_breaker import Breaker, OpenBreaker, open_breakers, origin_of
from permabots.pipeline.user_api.client import user_api

__all__ = ["BotApi", "OpenBreaker", "open_breakers"]


@dataclass(frozen=True, slots=True)
class BotApi:
    """The users' APIs as one turn calls them.

    Args:
        bot_id: whose turn it is.
        owner_id: the user that the bot belongs to.
        has_recent_failures: some API of this bot did not answer last time, so that it is worth asking which.
        timeout: the seconds of a call; None for those of the settings. An API that is given less time than that is not
            left alone for not answering.
    """

    bot_id: UUID
    owner_id: Any
    has_recent_failures: bool
    timeout: float | None = None

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        """Make one call, unless the API is left alone at present: then the answer says so, with status 0.

        Args:
            prepared: as in `permabots.engine.http.client.UserApi.call`.
            idempotency_key: as there.

        Raises:
            Busy: too many calls of this bot, of its owner's bots or of all are in flight in this worker.
        """
        origin = origin_of(prepared.url)
        breaker = Breaker.read(self.bot_id, origin) if self.has_recent_failures else Breaker(self.bot_id, origin)
        if breaker.is_open:
            return breaker.refusal()
        limit = get_config().request_concurrency
        with bulkhead.slot(self.bot_id, self.owner_id, limit, failing=breaker.failures > 0):
            if not breaker.try_acquire_probe():
                return breaker.refusal()
            answer = user_api(self.timeout).call(prepared, idempotency_key)
        if not (answer.no_response and self._is_short):
            breaker.record_result(answer)
        return answer

    @property
    def _is_short(self) -> bool:
        return self.timeout is not None and self.timeout < get_config().request_timeout
