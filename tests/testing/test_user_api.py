"""The stand-in for the API of a bot's author."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from permabots.testing import Reply, Request, UserApiControl, UserApiServer


@pytest.fixture(params=["here", "by the control API"])
def steering(request: pytest.FixtureRequest, user_api: UserApiServer) -> Iterator[UserApiServer | UserApiControl]:
    yield user_api if request.param == "here" else UserApiControl(user_api.url)


@pytest.mark.parametrize(
    ("route", "status", "body"),
    [
        ("list", 200, [{"name": "author1"}, {"name": "author2"}]),
        ("item/7", 200, {"id": "7", "name": "author7"}),
        ("item/a b", 200, {"id": "a b", "name": "authora b"}),
        ("item/99", 404, {"detail": "nope"}),
        ("fail500", 500, {"error": "boom"}),
        ("created", 201, {"name": "made"}),
        ("string", 200, "a plain JSON string"),
        ("redirect", 200, {"id": "7", "name": "author7"}),
        ("nothing", 404, {"detail": "no such route"}),
    ],
)
def test_a_built_in_route_answers(user_api: UserApiServer, route: str, status: int, body: Any):
    answer = requests.get(f"{user_api.base}/{route}", timeout=5)
    assert (answer.status_code, answer.json()) == (status, body)


def test_what_is_not_json_is_not(user_api: UserApiServer):
    assert requests.get(f"{user_api.base}/text", timeout=5).text == "just text"


def test_no_content_is_empty(user_api: UserApiServer):
    answer = requests.delete(f"{user_api.base}/nocontent", timeout=5)
    assert (answer.status_code, answer.content) == (204, b"")


def test_echo_tells_what_it_was_asked(user_api: UserApiServer):
    answer = requests.put(f"{user_api.base}/echo?a=1&b=&a=2", data={"x": "ü"}, headers={"X-Test": "t"}, timeout=5)
    assert answer.json() == {
        "method": "PUT",
        "query": [["a", "1"], ["b", ""], ["a", "2"]],
        "ct": "application/x-www-form-urlencoded",
        "x": "t",
        "body": "x=%C3%BC",
    }


def test_echo_of_a_bare_request(user_api: UserApiServer):
    expected = {"method": "DELETE", "query": [], "ct": None, "x": None, "body": ""}
    assert requests.delete(f"{user_api.base}/echo", timeout=5).json() == expected


def test_outside_its_prefix_there_is_nothing(user_api: UserApiServer):
    assert requests.get(f"{user_api.url}/list", timeout=5).status_code == 404


def test_requests_are_recorded(user_api: UserApiServer, steering: UserApiServer | UserApiControl):
    requests.post(f"{user_api.base}/echo?a=1", data="ü".encode(), headers={"Idempotency-Key": "k1"}, timeout=5)
    recorded = steering.requests[0]
    assert (recorded.method, recorded.path, recorded.query, recorded.text) == ("POST", "/u/echo", [("a", "1")], "ü")
    assert recorded.headers["idempotency-key"] == "k1"
    assert recorded.time > recorded.monotonic
    steering.clear()
    assert steering.requests == []


def test_a_route_is_added_with_json(user_api: UserApiServer, steering: UserApiServer | UserApiControl):
    steering.add_route("/u/orders/<number>", {"state": "shipped"}, method="post", status=202)
    answer = requests.post(f"{user_api.base}/orders/5", timeout=5)
    assert (answer.status_code, answer.json()) == (202, {"state": "shipped"})
    assert requests.get(f"{user_api.base}/orders/5", timeout=5).status_code == 404
    assert requests.post(f"{user_api.base}/orders/5/6", timeout=5).status_code == 404


def test_a_route_is_added_with_a_function(user_api: UserApiServer):
    def answer(request: Request) -> Reply | dict[str, Any]:
        return Reply(418) if request.query else {"seen": request.path}

    user_api.add_route("/u/x.y", answer)
    assert requests.get(f"{user_api.base}/x.y", timeout=5).json() == {"seen": "/u/x.y"}
    assert requests.get(f"{user_api.base}/x.y?z=1", timeout=5).status_code == 418
    assert requests.get(f"{user_api.base}/x-y", timeout=5).status_code == 404


def test_a_route_is_used_up_and_the_built_in_one_is_back(
    user_api: UserApiServer, steering: UserApiServer | UserApiControl
):
    steering.add_route("/u/list", {"error": "later"}, status=503, times=2)
    statuses = [requests.get(f"{user_api.base}/list", timeout=5).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_the_last_added_route_counts_until_all_are_cleared(
    user_api: UserApiServer, steering: UserApiServer | UserApiControl
):
    steering.add_route("/u/list", 1)
    steering.add_route("/u/list", 2)
    assert requests.get(f"{user_api.base}/list", timeout=5).json() == 2
    steering.clear()
    assert requests.get(f"{user_api.base}/list", timeout=5).json() == [{"name": "author1"}, {"name": "author2"}]


def test_a_route_may_close_the_connection(user_api: UserApiServer, steering: UserApiServer | UserApiControl):
    steering.add_route("/u/list", cut=True)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{user_api.base}/list", timeout=5)


def test_a_route_may_take_its_time(user_api: UserApiServer, steering: UserApiServer | UserApiControl):
    steering.add_route("/u/list", [], delay=30)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{user_api.base}/list", timeout=0.1)
