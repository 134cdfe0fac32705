"""The API of the example bots answers without any network; the guard of the tests' network would see one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.responses import ApiResponse

ADDRESS = "https://api.example.invalid"


def call(method: str, address: str, body: Any = None) -> ApiResponse:
    sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return UserApi(RequestLimits(2.0)).call(PreparedCall(method, address, body=sent), "key")


def test_it_has_a_menu() -> None:
    answer = call("GET", f"{ADDRESS}/menu")
    assert (answer.status, answer.error) == (200, "")
    assert [item["name"] for item in answer.data] == ["Espresso", "Flat white", "Tea"]


def test_it_takes_an_order() -> None:
    answer = call("POST", f"{ADDRESS}/orders", {"item": "tea"})
    assert (answer.status, answer.data) == (201, {"number": 17, "item": "tea"})


@pytest.mark.parametrize("body", [{"item": "cake"}, {"item": 5}, {}, [], None, b"{", b"[" * 100_000])
def test_it_refuses_what_is_not_on_the_menu(body: Any) -> None:
    assert call("POST", f"{ADDRESS}/orders", body).status == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/orders"), ("POST", "/menu"), ("GET", "/other")])
def test_it_knows_nothing_else(method: str, path: str) -> None:
    assert call(method, ADDRESS + path).status == 404


@pytest.mark.parametrize("address", ["http://API.EXAMPLE.INVALID/menu", f"{ADDRESS}:8443/menu/?a=1"])
def test_it_is_found_by_its_host_alone(address: str) -> None:
    assert call("GET", address).status == 200


def test_what_one_call_does_to_an_answer_is_not_seen_by_the_next() -> None:
    call("GET", f"{ADDRESS}/menu").data.clear()
    assert len(call("GET", f"{ADDRESS}/menu").data) == 3
