"""The API of the example bots: permabots itself answers for its host, so that they need no network and no server.

Names under ``.invalid`` are reserved (RFC 2606) and never exist, so no author's API can be meant. The answers are
always the same, and nothing is stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlsplit

import requests

from permabots import strict_json
from permabots.engine.http.responses import ApiResponse
from permabots.values import Json

HOST = "api.example.invalid"
ORDER = 17
"""The number of every order."""
MENU = {"Espresso": "2.20", "Flat white": "3.60", "Tea": "2.80"}
_Answer: TypeAlias = tuple[HTTPStatus, Json]


def is_meant(request: requests.PreparedRequest) -> bool:
    """Return whether a request is for the API of the example bots."""
    return urlsplit(str(request.url)).hostname == HOST


def answer(request: requests.PreparedRequest) -> ApiResponse:
    """Return what the API answers: its routes are ``GET /menu`` and ``POST /orders``, which takes ``{"item": …}``.

    Args:
        request: as it would be sent.
    """
    route = _ROUTES.get((str(request.method), urlsplit(str(request.url)).path.rstrip("/")))
    if route is None:
        return _answered((HTTPStatus.NOT_FOUND, {"detail": f"The example has no such address: {HOST} has /menu."}))
    return _answered(route(request.body))


def _menu(_: str | bytes | None) -> _Answer:
    return HTTPStatus.OK, [{"name": name, "price": price} for name, price in MENU.items()]


def _order(body: str | bytes | None) -> _Answer:
    try:
        wanted = strict_json.loads(body or b"")
    except (ValueError, RecursionError):
        wanted = None
    item = wanted.get("item") if isinstance(wanted, dict) else None
    if not isinstance(item, str) or item.lower() not in {name.lower() for name in MENU}:
        return HTTPStatus.BAD_REQUEST, {"detail": "item must be on the menu."}
    return HTTPStatus.CREATED, {"number": ORDER, "item": item}


_ROUTES: dict[tuple[str, str], Callable[[str | bytes | None], _Answer]] = {
    ("GET", "/menu"): _menu,
    ("POST", "/orders"): _order,
}


def _answered(given: _Answer) -> ApiResponse:
    status, data = given
    # Through JSON, as the answer of a server comes: no two calls share one object.
    return ApiResponse(int(status), json.loads(json.dumps(data)))
