"""Calls to the API of a bot's author: bounded in time and size, over connections that the process shares."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, replace
from typing import Protocol

import requests

from permabots.engine.http.connections import Exchange, GuardedAdapter, current
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.request_building import first_request, redirected
from permabots.engine.http.responses import ApiResponse, failure, parse_response, read
from permabots.engine.http.ssrf_guard import Guard
from permabots.exceptions import ApiSilent, RequestFailed

__all__ = ["Api", "ApiResponse", "PreparedCall", "RequestLimits", "UserApi"]

MAX_REDIRECTS = 5
POOL_SIZE = 64
"""Hosts, and connections to one host, that are kept open."""

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that mean the same when they come twice."""


class _Discretion(logging.Filter):
    """Keeps back what libraries log of a call to a user's API: addresses, which may hold secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        return current.get(None) is None


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_Discretion())


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What a call may cost and where it may go.

    Args:
        timeout: seconds for looking up, connecting, sending and reading together, redirects included.
        max_bytes: the longest answer read, decompressed.
        allowed_hosts: exempt from the rule that only public addresses are called; as `Guard` takes them.
    """

    timeout: float = 10.0
    max_bytes: int = 1_000_000
    allowed_hosts: tuple[str, ...] = ()


class Api(Protocol):
    """What a turn makes its request through: the client, or what stands before it."""

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        """Make one call, as `UserApi.call` does."""
        ...


class UserApi:
    """The client for users' APIs: one for each process, to be used by all its threads.

    It keeps no cookie, and uses no proxy or ``.netrc`` of the environment. A forked child begins with new connections.

    Args:
        limits: what a call may cost.

    Raises:
        ValueError: ``allowed_hosts`` names a network that is none.
    """

    def __init__(self, limits: RequestLimits) -> None:
        self._limits = limits
        self._guard = Guard(limits.allowed_hosts)
        self._pool = _new_pool()
        self._process = os.getpid()

    def close(self) -> None:
        """Close the connections that are kept open; the next call opens new ones."""
        self._pool.close()

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        """Make one call. Trouble on the network is an answer too: status 0, and ``error`` says why.

        Args:
            prepared: what to send.
            idempotency_key: sent as ``Idempotency-Key``, the same for the same message, where the author sends none.
        """
        started = time.perf_counter()
        exchange = Exchange(self._limits.timeout, self._guard)
        marker = current.set(exchange)
        try:
            answer = self._answer(first_request(prepared, idempotency_key), exchange)
        except RequestFailed as error:
            answer = ApiResponse(0, error=str(error), no_response=isinstance(error, ApiSilent))
        except requests.RequestException as error:
            answer = ApiResponse(0, error=failure(error, exchange.too_late()), no_response=True)
        finally:
            current.reset(marker)
        return replace(answer, ms=(time.perf_counter() - started) * 1000)

    def _answer(self, request: requests.PreparedRequest, exchange: Exchange) -> ApiResponse:
        """Send a request and those it is redirected to."""
        for _ in range(MAX_REDIRECTS + 1):
            with self._send(request, exchange) as response:
                body = read(response, self._limits.max_bytes)
            if not response.is_redirect:
                return parse_response(response.status_code, body, response.headers.get("Content-Type", ""))
            request = redirected(request, response)
        raise RequestFailed(f"more than {MAX_REDIRECTS} redirects")

    def _send(self, request: requests.PreparedRequest, exchange: Exchange) -> requests.Response:
        """Send one request; once more where that is harmless and a kept connection proved to be closed."""
        try:
            return self._send_once(request, exchange)
        except requests.ConnectionError:
            if exchange.connected or exchange.answered or request.method not in _REPEATABLE:
                raise
        return self._send_once(request, exchange)

    def _send_once(self, request: requests.PreparedRequest, exchange: Exchange) -> requests.Response:
        if self._process != os.getpid():  # two processes may not share a connection
            self._pool, self._process = _new_pool(), os.getpid()
        exchange.connected = exchange.answered = False
        # Not by a `requests.Session`: it would read the body of a redirect whole, however long it is.
        return self._pool.send(request, stream=True, timeout=exchange.remaining(), verify=True, proxies={})


def _new_pool() -> GuardedAdapter:
    return GuardedAdapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
