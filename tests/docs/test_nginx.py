"""The proxy that the documentation shows, with a real nginx: it passes calls on, and slows down who calls too fast."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from benchmarks.neighbours.proxy import in_front_of
from permabots.testing.http11 import Reply, Request
from permabots.testing.server import StandInServer


class Echo(StandInServer):
    """A web server that says what reached it."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.delay = 0.0

    def respond(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply(200, request.path.encode(), delay=self.delay)


@pytest.fixture
def site() -> Iterator[Echo]:
    with Echo() as server:
        yield server


@pytest.fixture
def proxy(site: Echo, tmp_path: Path) -> Iterator[str]:
    with in_front_of(int(site.url.rpartition(":")[2]), tmp_path) as port:
        yield f"http://127.0.0.1:{port}"


def test_calls_are_passed_on_with_the_address_that_nobody_can_choose(site: Echo, proxy: str) -> None:
    answer = requests.post(f"{proxy}/processing/kikbot/7/", b"{}", headers={"X-Forwarded-For": "9.9.9.9"}, timeout=10)
    assert answer.text == "/processing/kikbot/7/"
    assert site.requests[0].headers["x-forwarded-for"] == "127.0.0.1"


def test_who_calls_the_api_far_too_often_at_once_is_refused_and_others_are_not(site: Echo, proxy: str) -> None:
    site.delay = 0.5

    def call(token: str) -> int:
        headers = {"Authorization": f"Token {token}"}
        return requests.get(f"{proxy}/api/v1/bots/", headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(40) as pool:
        flood = list(pool.map(call, ["flood"] * 40))
    assert set(flood) == {200, 429}
    assert call("other") == 200


def test_a_refusal_says_when_to_try_again(site: Echo, proxy: str) -> None:
    site.delay = 0.5
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: requests.get(f"{proxy}/api/v1/bots/", timeout=60), range(40)))
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] == "1"
