"""Who may see what: every route of the URL conf, tried by its owner, by somebody else and by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from permabots.models import Bot
from tests.api.conftest import Api, StandIns
from tests.api.world import OBJECT_ROUTES, ROUTES, World, database

pytestmark = [pytest.mark.django_db]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(autouse=True)
def _without_limits(settings: Any) -> None:
    """Each route is called several times within a minute, with wrong tokens too."""
    settings.PERMABOTS = {"API_THROTTLES": None}


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Take back what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def allowed(api: Api, url: str) -> set[str]:
    return set(api("OPTIONS", url).headers["Allow"].split(", ")) & set(METHODS)


def refused_in_words(content: bytes) -> bool:
    """Return whether an answer says that the secret is another's to make: the provider's, or the author's."""
    return b"is made at" in content or b"sign people is yours" in content


# Each goes through all routes with one bot, whose rows must be as they were in the end.


def test_the_owner_finds_what_is_tried_here(world: World, standins: StandIns, api: Api) -> None:
    for route in OBJECT_ROUTES:
        url = world.url(route)
        body = {"service": "telegram", "text": "hello"} if route.name == "simulate" else None
        method = "GET" if "GET" in allowed(api, url) else "POST"
        with rolled_back():
            answer = api(method, url, body or {})
            not_made_here = route.name.endswith(("-rotate", "-retire")) and refused_in_words(answer.content)
            assert answer.status_code == (400 if not_made_here else 200), (method, url)


def test_somebody_else_finds_nothing(world: World, api: Api, stranger: Api) -> None:
    before = database()
    for route in OBJECT_ROUTES:
        url = world.url(route)
        for method in allowed(api, url):
            answer = stranger(method, url, {})
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."}), (method, url)
    assert database() == before


def test_another_bot_of_the_owner_has_nothing_of_it(world: World, api: Api) -> None:
    other = World(Bot.objects.create(owner=world.bot.owner, name="other"))
    before = database()
    for route in OBJECT_ROUTES:
        url = world.url(route)
        if str(world.bot.pk) not in url:  # tokens belong to users
            continue
        if route.pattern.converters.keys() <= {"bot_id", "number"} or route.name == "bot-detail":
            nowhere = url.replace(str(world.bot.pk), str(world.handler.pk))
            assert api.get(nowhere).status_code in {404, 405}, url
            continue
        for method in allowed(api, url):
            answer = api(method, url.replace(str(world.bot.pk), str(other.bot.pk), 1), {})
            assert answer.status_code == 404, (method, url)
    assert database() == before


def test_nobody_gets_in(world: World) -> None:
    before = database()
    for route in ROUTES:
        url = world.url(route)
        for method in METHODS:
            answer = Api()(method, url, {})
            assert answer.status_code == 401, (method, url)
            assert answer.json() == {"detail": "Authentication credentials were not provided."}
            assert answer.headers["WWW-Authenticate"] == "Token"
        wrong = Api()("GET", url, Authorization="Token nobody")
        assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid token."}), url
    assert database() == before


def test_a_wrong_method_is_405(world: World, api: Api) -> None:
    before = database()
    for route in ROUTES:
        url = world.url(route)
        for method in set(METHODS) - allowed(api, url):
            answer = api(method, url, {})
            assert answer.status_code == 405, (method, url)
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
