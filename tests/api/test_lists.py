"""Lists: plain arrays in a stable order, parts of them on demand, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import (
    Bot,
    ChatState,
    Conversation,
    EnvironmentVar,
    Handler,
    HeaderParam,
    Hook,
    Recipient,
    Request,
    State,
    UrlParam,
)
from permabots.models.registry import providers
from permabots.pipeline.authoring.configuration import create_hook
from permabots.urls_api import urlpatterns
from tests.api.conftest import Api
from tests.api.world import World
from tests.factories import make_bot, make_handler, make_telegram

pytestmark = [pytest.mark.django_db]


def add_bot(world: World, number: int) -> None:
    bot = make_bot(owner=world.bot.owner)
    make_telegram(bot)


def add_handler(world: World, number: int) -> Handler:
    parameters = [{"key": "k", "value_template": "v"}, {"key": "l", "value_template": "v"}]
    request = {"url_template": "http://x/", "url_parameters": parameters, "header_parameters": parameters}
    return make_handler(world.bot, request=request, source_states=["menu", f"s{number}"], target_state=f"t{number}")


def add_hook(world: World, number: int) -> None:
    hook: Hook = create_hook(world.bot, {"name": "hook", "response": {"text_template": "x"}})
    for chat in "78":
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=chat, name="me")


def add_recipient(slug: str) -> Callable[[World, int], Any]:
    return lambda world, number: Recipient.objects.create(
        hook=world.hook, provider=slug, chat_id=f"9{number}", name="me"
    )


def add_chat_state(slug: str) -> Callable[[World, int], Any]:
    def add(world: World, number: int) -> None:
        state = State.objects.create(bot=world.bot, name=f"c{number}")
        talk = Conversation.objects.create(bot=world.bot, provider=slug, chat_id=f"9{number}")
        ChatState.objects.create(conversation=talk, provider=slug, state=state)

    return add


def request_of(world: World) -> Request:
    request: Any = world.handler.request
    return request


ADD: dict[str, Callable[[World, int], Any]] = {
    "bot-list": add_bot,
    "env-list": lambda world, n: EnvironmentVar.objects.create(bot=world.bot, key=f"k{n}", value="v"),
    "state-list": lambda world, n: State.objects.create(bot=world.bot, name=f"n{n}"),
    "handler-list": add_handler,
    "handler-urlparameter-list": lambda world, n: UrlParam.objects.create(request=request_of(world), key=f"k{n}"),
    "handler-headerparameter-list": lambda world, n: HeaderParam.objects.create(request=request_of(world), key=f"k{n}"),
    "handler-sourcestate-list": lambda world, n: world.handler.source_states.create(bot=world.bot, name=f"s{n}"),
    "hook-list": add_hook,
    "test-list": lambda world, n: world.bot.conversation_tests.create(name=f"t{n}", provider="telegram"),
    **{f"hook-recipient-{slug}-list": add_recipient(slug) for slug in providers()},
    **{f"{slug}-chatstate-list": add_chat_state(slug) for slug in providers()},
}
"""List -> what adds a row to it."""
ELSEWHERE = {
    "token-list",
    "message-list",
    "delivery-list",
    "delivery-outbound-list",
    *(f"bot-{slug}-list" for slug in providers()),
}
"""One object, lists that are paged in another way, and one that is of no bot."""


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


def url_of(world: World, name: str) -> str:
    (route,) = [r for r in urlpatterns if r.name == name and (name != "env-list" or "id" not in r.pattern.converters)]
    return world.url(route)


def test_every_list_is_tried() -> None:
    assert {str(route.name) for route in urlpatterns if str(route.name).endswith("-list")} == {*ADD, *ELSEWHERE}


@pytest.mark.parametrize("name", ADD)
def test_a_list_of_many_rows_takes_as_many_queries_as_one_of_one(world: World, api: Api, name: str) -> None:
    url = url_of(world, name)
    ADD[name](world, 0)
    api.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        before = len(api.get(url).json())
    for number in range(1, 12):
        ADD[name](world, number)
    with CaptureQueriesContext(connection) as many:
        assert len(api.get(url).json()) == before + 11
    assert len(many) == len(few)


@pytest.mark.parametrize("name", ADD)
def test_a_part_of_a_list_is_in_an_envelope(world: World, api: Api, name: str) -> None:
    url = url_of(world, name)
    for number in range(4):
        ADD[name](world, number)
    whole = api.get(url).json()
    first = api.get(f"{url}?limit=2").json()
    assert (first["count"], first["results"], first["previous"]) == (len(whole), whole[:2], None)
    second = api.client.get(first["next"], headers=_authorized(api)).json()
    assert second["results"] == whole[2:4]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=1001", "limit=", "offset=-1", "offset=9999999999", "limit=%00"]
)
def test_a_part_that_cannot_be_is_refused(world: World, api: Api, query: str) -> None:
    answer = api.get(f"bots/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [query.split("=")[0]])


def test_an_offset_alone_begins_there(world: World, api: Api) -> None:
    add_bot(world, 1)
    whole = api.get("bots/").json()
    assert api.get("bots/?offset=1").json()["results"] == whole[1:]


def _authorized(api: Api) -> dict[str, str]:
    return {"Authorization": f"Token {api.user.auth_token.key}"}
