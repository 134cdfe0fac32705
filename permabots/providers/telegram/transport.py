"""python-telegram-bot without an event loop: its requests block on the connections that this process shares.

Its methods are coroutines, but with a request class that never waits, a coroutine runs to its end in one step: no loop,
no thread and no connection is made for a call.

Measured with `benchmarks.telegram_send` (Python 3.11, a server on the same machine), in processor time of the sender: a
message costs 0.5 ms this way, where a bare `requests.Session` takes 0.4 ms; the library's typed methods on the same
request class 0.7 ms; its own `HTTPXRequest` on a loop in a thread 1.3 ms.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import quote

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from permabots.exceptions import CredentialsRefused, ProviderError, Retryable
from permabots.providers.base import http
from permabots.providers.base.log_silencing import silence, silently
from permabots.providers.telegram.errors import refusal
from permabots.values import Json

T = TypeVar("T")

DEFAULT_TIMEOUT = 15.0
"""Seconds for a call whose caller does not say."""

# It logs the address of its API (with the token) and the arguments of calls (with a webhook's secret).
silence("telegram.Bot", "telegram.request.BaseRequest")


class Failed(TelegramError):
    """Takes an error of ours through python-telegram-bot, which would wrap it were it not one of its own.

    Args:
        error: what to raise in the end.
    """

    __slots__ = ("error",)

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.message)
        self.error = error


class BlockingRequest(BaseRequest):
    """Makes one bot's calls.

    Args:
        token: the bot's, to keep it out of errors.
    """

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        self._token = token

    @property
    def read_timeout(self) -> float:
        return DEFAULT_TIMEOUT

    async def initialize(self) -> None:
        """Do nothing: connections belong to the process."""

    async def shutdown(self) -> None:
        """Do nothing: connections belong to the process."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a call and wait for its answer.

        Args:
            url: where, with the token in it.
            method: ``POST``.
            request_data: the arguments; files are not sent.
            read_timeout: seconds for the whole call.
            write_timeout: not used.
            connect_timeout: not used.
            pool_timeout: not used.

        Raises:
            Failed: there was no answer, or it was no yes.
        """
        timeout = self.read_timeout if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        try:
            answer = http.call(method, url, body=request_data.parameters if request_data else None, timeout=timeout)
        except Retryable as error:
            raise Failed(error) from None
        if (refused := refusal(answer, self._token)) is not None:
            raise Failed(refused)
        return answer.status, answer.body


class RawBot(Bot):
    """A bot whose calls give the API's own JSON.

    The typed methods build objects of every answer, which costs time, and fail where a self-hosted server leaves a
    field out: by then the message has been sent.
    """

    async def call(self, method: str, arguments: dict[str, Json], timeout: float) -> Json:
        """Make one call; `arguments` that are None are left out."""
        return await self._post(method, arguments, read_timeout=timeout)


def call(token: str, api_url: str, method: str, arguments: dict[str, Json], timeout: float) -> Json:
    """Make one call to the Bot API.

    Args:
        token: the bot's.
        api_url: the server, without a trailing slash.
        method: ``sendMessage`` and the like.
        arguments: JSON values.
        timeout: seconds for all of it.

    Returns:
        The ``result`` of the answer.

    Raises:
        ProviderError: the subclass says what to do; neither its text nor its context holds the token.
    """
    if not token:
        raise CredentialsRefused("there is no token")
    request = BlockingRequest(token)
    address = f"{api_url}/bot{quote(token, safe=':')}"
    with silently():
        bot = RawBot(token, base_url=lambda _: address, request=request, get_updates_request=request)
        try:
            return run(bot.call(method, arguments, timeout))
        except Failed as failed:
            error = failed.error
    raise error


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing, and return what it returns.

    Raises:
        RuntimeError: it waited for something, which only an event loop could give.
    """
    try:
        coroutine.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    coroutine.close()
    raise RuntimeError("a call that must not wait waited for an event loop")
