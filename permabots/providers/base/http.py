"""HTTP calls to messengers, over connections that the whole process shares.

Every call ends within its time, follows no redirect, uses no proxy or ``.netrc`` of the environment, and stores no
cookies. A failed call raises a `Retryable`, which says whether any byte had been sent, and whose text holds no address:
addresses hold tokens.
"""

from __future__ import annotations

import json
import logging
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, IncompleteRead
from urllib.parse import urlencode, urlsplit

import certifi
from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util import make_headers

from permabots.exceptions import Retryable
from permabots.http_deadline import Exchange, current, keep_deadlines
from permabots.values import Json

CONNECT_TIMEOUT = 5.0
"""Seconds that connecting to one address may take: a host may have several, and all are tried."""
MAX_BYTES = 20_000_000
"""The longest response that is read, in bytes."""
POOL_SIZE = 64
"""The number of connections to one host that are kept open."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HttpAnswer:
    """The response of a server.

    Args:
        status: the HTTP status.
        body: the whole body, decompressed.
        headers: the headers by name, in any case.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]

    @cached_property
    def json_object(self) -> dict[str, Json] | None:
        """The body as a JSON object, None where it is not one."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


def call(
    method: str,
    url: str,
    *,
    timeout: float,
    body: Json = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> HttpAnswer:
    """Make one call and read its response, whatever the status.

    Args:
        method: ``GET``, ``POST``, …
        url: the address; may hold a token.
        timeout: seconds for connecting, sending and reading together. Looking up the host's name is not counted: the
            system's resolver has a time-out of its own.
        body: a JSON value to send; None for none.
        params: the values of the query string.
        headers: additional headers.
        auth: user name and password of basic authentication.

    Raises:
        Retryable: there was no complete response. `ambiguous` says whether any byte of the call had been sent, so that
            the server may have accepted it.
    """
    exchange = Exchange(timeout)
    marker = current.set(exchange)
    try:
        with _manager.urlopen(
            method,
            f"{url}?{urlencode(params)}" if params else url,
            body=None if body is None else json.dumps(body, allow_nan=False).encode(),
            headers=_headers(body, headers, auth),
            timeout=Timeout(connect=min(CONNECT_TIMEOUT, timeout), read=timeout),
            retries=False,
            redirect=False,
            preload_content=False,
        ) as response:
            answer = HttpAnswer(response.status, _content(response), response.headers)
    except HTTPError as error:
        failure = _failure(error, exchange)
    else:
        _logger.debug("%s %s answered %d", method, urlsplit(url).hostname, answer.status)
        return answer
    finally:
        current.reset(marker)
    # Raised here, not above: the caught error holds the address, and would be this error's context.
    raise failure


def _headers(body: Json, headers: Mapping[str, str] | None, auth: tuple[str, str] | None) -> dict[str, str]:
    """Return the headers of a call."""
    content_type = {} if body is None else {"Content-Type": "application/json"}
    basic = make_headers(basic_auth=":".join(auth)) if auth else {}
    return {**_ALWAYS, **content_type, **basic, **(headers or {})}


_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "permabots"}


def _new_manager() -> PoolManager:
    manager = PoolManager(POOL_SIZE, maxsize=POOL_SIZE, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where())
    keep_deadlines(manager)
    return manager


# Created here, not at the first call: several threads may make their first calls at once. It opens no connection yet.
_manager = _new_manager()


def forget_connections() -> None:
    """Start over with a new pool. A forked child calls this: two processes may not share a connection."""
    global _manager
    _manager = _new_manager()


os.register_at_fork(after_in_child=forget_connections)


def _content(response: BaseHTTPResponse) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.stream(65_536, decode_content=True):
        size += len(piece)
        if size > MAX_BYTES:
            raise DecodeError("too long")
        pieces.append(piece)
    return b"".join(pieces)


def _failure(error: HTTPError, exchange: Exchange) -> Retryable:
    problem = "no complete answer" if exchange.sent else "no connection"
    words = _cause(error)
    return Retryable(f"{problem} ({words})" if words else problem, ambiguous=exchange.sent)


def _cause(error: BaseException) -> str:
    """Return plain words for the first error of a chain, "" where there are none. They hold no address."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    _logger.info("a call failed: %s", type(error).__name__)
    if isinstance(error, TimeoutError):
        return "not in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next((words for kinds, words in _WORDS if isinstance(error, kinds)), "")


_WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    ((ConnectionError, IncompleteRead), "the connection was closed"),
    (HTTPException, "the answer is not HTTP"),
    (DecodeError, "the answer cannot be read"),
    (zlib.error, "the answer is not compressed as it says"),
)
