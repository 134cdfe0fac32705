"""Who may see what: every route of the URL conf, tried by its owner, by somebody else and by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from tests.api.conftest import Api, StandIns
from tests.api.world import OBJECT_ROUTES, ROUTES, World, database

pytestmark = [pytest.mark.django_db]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
every_object_route = pytest.mark.parametrize(
    "route", OBJECT_ROUTES, ids=[f"{route.name} {route.pattern}" for route in OBJECT_ROUTES]
)


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


def allowed(api: Api, url: str) -> set[str]:
    return set(api("OPTIONS", url).headers["Allow"].split(", ")) & set(METHODS)


@every_object_route
def test_the_owner_finds_what_is_tried_here(world: World, standins: StandIns, api: Api, route: Any) -> None:
    url = world.url(route)
    body = {"service": "telegram", "text": "hello"} if route.name == "simulate" else None
    method = "GET" if "GET" in allowed(api, url) else "POST"
    assert api(method, url, body or {}).status_code == 200


@every_object_route
def test_somebody_else_finds_nothing(world: World, api: Api, stranger: Api, route: Any) -> None:
    url, before = world.url(route), database()
    for method in allowed(api, url):
        answer = stranger(method, url, {})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."}), method
    assert database() == before


@every_object_route
def test_another_bot_of_the_owner_has_nothing_of_it(world: World, api: Api, route: Any) -> None:
    if route.pattern.converters.keys() <= {"bot_id"} or route.name == "bot-detail":
        assert api.get(world.url(route).replace(str(world.bot.pk), str(world.handler.pk))).status_code in {404, 405}
        return
    other = World(Bot.objects.create(owner=world.bot.owner, name="other"))
    url, before = world.url(route).replace(str(world.bot.pk), str(other.bot.pk), 1), database()
    for method in allowed(api, world.url(route)):
        assert api(method, url, {}).status_code == 404, method
    assert database() == before


@pytest.mark.parametrize("route", ROUTES, ids=[f"{route.name} {route.pattern}" for route in ROUTES])
def test_nobody_gets_in(world: World, route: Any) -> None:
    before = database()
    for method in METHODS:
        answer = Api()(method, world.url(route), {})
        assert answer.status_code == 401, method
        assert answer.json() == {"detail": "Authentication credentials were not provided."}
        assert answer.headers["WWW-Authenticate"] == "Token"
    wrong = Api()("GET", world.url(route), Authorization="Token nobody")
    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid token."})
    assert database() == before


@pytest.mark.parametrize("route", ROUTES, ids=[f"{route.name} {route.pattern}" for route in ROUTES])
def test_a_wrong_method_is_405(world: World, api: Api, route: Any) -> None:
    url, before = world.url(route), database()
    for method in set(METHODS) - allowed(api, url):
        answer = api(method, url, {})
        assert answer.status_code == 405, method
        assert answer.json() == {"detail": f'Method "{method}" not allowed.'}
    assert database() == before


def test_the_list_of_bots_holds_only_ones_own(world: World, stranger: Api) -> None:
    mine = stranger.post("bots/", {"name": "mine"}).json()
    assert stranger.get("bots/").json() == [mine]


@pytest.mark.parametrize("bad", ["UPPER", "short"])
def test_an_id_that_is_no_lower_case_uuid_is_404_in_json_too(world: World, api: Api, bad: str) -> None:
    text = str(world.bot.pk).upper().replace("0", "A") if bad == "UPPER" else "abc"
    answer = api.get(f"bots/{text}/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
