"""Steering a stand-in API that runs in another process."""

from __future__ import annotations

from typing import Any

from permabots.testing.control import ControlClient
from permabots.testing.http11 import Request
from permabots.testing.user_api.server import PREFIX
from permabots.values import Json


class UserApiControl:
    """The methods of a `UserApiServer` in another process.

    Args:
        url: its `url`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.base = url + PREFIX
        self._client = ControlClient(url)

    def add_route(self, path: str, answer: Json = None, **options: Any) -> None:
        """As `UserApiServer.add_route`, with JSON for an answer."""
        self._client.ask("add_route", path=path, answer=answer, **options)

    def clear(self) -> None:
        """Forget the requests and the added routes."""
        self._client.ask("clear")

    @property
    def requests(self) -> list[Request]:
        """Every request, in order of arrival."""
        return [Request(**{**entry, "body": entry["body"].encode()}) for entry in self._client.ask("requests")]
