"""Calls to user APIs: limited in time and size, over connections that the process shares."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Protocol

import requests

from permabots.engine.http import example_api
from permabots.engine.http.connections import Exchange, GuardedAdapter, current
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.request_building import first_request, redirected
from permabots.engine.http.responses import ApiResponse, failure, parse_response, read
from permabots.engine.http.routes import Direct, Proxy, Route
from permabots.engine.http.signatures import Signer
from permabots.engine.http.ssrf_guard import Guard
from permabots.exceptions import NoResponse, RequestFailed

__all__ = ["Api", "ApiResponse", "PreparedCall", "RequestLimits", "UserApi"]

MAX_REDIRECTS = 5
POOL_SIZE = 64
"""The number of hosts with connections that are kept open, and of connections to one host."""

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""Methods whose request may be sent twice."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits of a call.

    Args:
        timeout: seconds for look-up, connecting, sending and reading together, redirects included.
        max_bytes: the longest response body that is read, decompressed.
        allowed_hosts: hosts that may be called though their address is not public; as `Guard` takes them.
        proxy: the URL of the HTTP proxy that all calls go through, None for none.
    """

    timeout: float = 10.0
    max_bytes: int = 1_000_000
    allowed_hosts: tuple[str, ...] = ()
    proxy: str | None = field(default=None, repr=False)


class Api(Protocol):
    """A client for a turn's request: `UserApi`, or a wrapper of it."""

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        """Make one call, as `UserApi.call` does."""
        ...


class UserApi:
    """The client for user APIs: one for each process, shared by all its threads.

    It stores no cookies, and uses no ``.netrc`` and no proxy but that of its limits. A forked child opens new
    connections. For the API of the example bots (`example_api`) it answers itself.

    Args:
        limits: the limits of a call.

    Raises:
        ValueError: an entry of ``allowed_hosts`` has a slash and is not a network.
    """

    def __init__(self, limits: RequestLimits) -> None:
        self._limits = limits
        self._guard = Guard(limits.allowed_hosts)
        self._route: Route = Direct() if limits.proxy is None else Proxy.of_url(limits.proxy)
        self._pool = _new_pool()
        self._process = os.getpid()

    def close(self) -> None:
        """Close the connections that are kept open; the next call opens new ones."""
        self._pool.close()

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        """Make one call.

        Args:
            prepared: the request.
            idempotency_key: sent as ``Idempotency-Key``, where the author sets none: the same for the same message.

        Returns:
            The response. A failed call has status 0, and ``error`` says why; it raises nothing.
        """
        started = time.perf_counter()
        exchange = Exchange(self._limits.timeout, self._guard, self._route)
        marker = current.set(exchange)
        try:
            answer = self._answer(first_request(prepared, idempotency_key), exchange, prepared.signer)
        except RequestFailed as error:
            answer = ApiResponse(0, error=str(error), no_response=isinstance(error, NoResponse))
        except requests.RequestException as error:
            answer = ApiResponse(0, error=failure(error, exchange.too_late()), no_response=True)
        finally:
            current.reset(marker)
        return replace(answer, ms=(time.perf_counter() - started) * 1000)

    def _answer(self, request: requests.PreparedRequest, exchange: Exchange, signer: Signer | None) -> ApiResponse:
        """Send a request and follow its redirects."""
        if example_api.is_meant(request):
            return example_api.answer(request)
        for _ in range(MAX_REDIRECTS + 1):
            with self._send(request, exchange) as response:
                body = read(response, self._limits.max_bytes)
            if not response.is_redirect:
                return parse_response(response.status_code, body, response.headers.get("Content-Type", ""))
            request = redirected(request, response, signer)
        raise RequestFailed(f"more than {MAX_REDIRECTS} redirects")

    def _send(self, request: requests.PreparedRequest, exchange: Exchange) -> requests.Response:
        """Send one request; send it again where the method allows that and a kept connection proved to be closed."""
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
        # Not through a `requests.Session`: it would read the whole body of a redirect, without a limit.
        return self._pool.send(request, stream=True, timeout=exchange.remaining(), verify=True, proxies={})


def _new_pool() -> GuardedAdapter:
    return GuardedAdapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
