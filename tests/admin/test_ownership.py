"""Nobody sees, changes or finds out about rows of somebody else: every URL of the admin is tried."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from permabots.models import Bot
from tests.admin.conftest import Browser
from tests.admin.world import TABLES, World, database
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db]

LISTS = ("_changelist", "_add")
ROUTES = sorted(
    route.name
    for group in admin.site.get_urls()
    for route in getattr(group, "url_patterns", ())
    if getattr(route, "name", None) and route.name.startswith("permabots_")
)
OF_ONE_ROW = [name for name in ROUTES if not name.endswith(LISTS)]


def table_of(route: str) -> str:
    return route.split("_")[1]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


def words(world: World) -> set[str]:
    """What tells a stranger that rows are there: their ids, where they are no small numbers."""
    return {str(row.pk) for row in world.rows.values() if len(str(row.pk)) > 12}


def test_all_pages_are_tried() -> None:
    assert {table_of(name) for name in OF_ONE_ROW} == set(TABLES)


def test_a_row_of_somebody_else_is_not_there(world: World, stranger: Browser) -> None:
    before = database()
    for route in OF_ONE_ROW:
        row = world.rows[table_of(route)]
        for method in ("get", "post"):
            call = getattr(stranger.client, method)
            answer = call(reverse(f"admin:{route}", args=[row.pk]), {"post": "yes", "name": "x"})
            assert answer.status_code in {403, 404}, (route, method)
            assert str(row) not in answer.content.decode()
    assert database() == before


def test_a_list_shows_nothing_of_somebody_else_however_it_is_filtered(world: World, stranger: Browser) -> None:
    secret = words(world)
    for table in TABLES:
        address = reverse(f"admin:permabots_{table}_changelist")
        for query in ("", "bot", "conversation__bot", "bot__id__exact", "status", "provider", "enabled", "q"):
            answer = stranger.client.get(address, {query: str(world.bot.pk)} if query else {}, follow=True)
            assert answer.status_code in {200, 400}, (table, query)
            source = answer.content.decode()
            assert not [word for word in secret if f"{word}/change" in source], (table, query)
        assert not [word for word in secret if word in stranger.read(f"{table}_changelist")], table


def test_no_action_reaches_rows_of_somebody_else(world: World, stranger: Browser) -> None:
    World(make_bot(owner=stranger.user, name="theirs"))
    before = database()
    for model, page in admin.site._registry.items():
        table = str(model._meta.model_name)
        for action in ("delete_selected", *(page.actions or ())) if table in TABLES else ():
            stranger.act(f"{table}_changelist", str(action), world.rows[table])
    assert database() == before


AUTOCOMPLETED = [
    ("handler", "bot"),
    ("hook", "bot"),
    ("state", "bot"),
    ("environmentvar", "bot"),
    ("handler", "target_state"),
    ("chatstate", "state"),
    ("outboundmessage", "inbound"),
]


@pytest.mark.parametrize(("table", "field"), AUTOCOMPLETED)
def test_autocomplete_finds_ones_own_only(
    world: World, owner: Browser, stranger: Browser, table: str, field: str
) -> None:
    query = {"app_label": "permabots", "model_name": table, "field_name": field}
    mine = owner.client.get(reverse("admin:autocomplete"), query).json()["results"]
    theirs = stranger.client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert (len(mine), theirs) == (1, [])


@pytest.mark.parametrize("table", ["handler", "hook", "state", "environmentvar", "telegrambot"])
def test_no_part_is_made_for_a_bot_of_somebody_else(world: World, stranger: Browser, table: str) -> None:
    before = database()
    values = {"bot": world.bot.pk, "name": "x", "key": "x", "value": "x", "text_template": "x", "pattern": "x"}
    stranger.post(f"{table}_add", **values, token="1:x", priority=0)
    assert database() == before
    source = stranger.client.get(reverse(f"admin:permabots_{table}_add"), {"bot": world.bot.pk}).content.decode()
    assert world.bot.name not in source


def test_a_handler_goes_to_no_state_of_somebody_else(world: World, stranger: Browser) -> None:
    theirs = World(make_bot(owner=stranger.user, name="theirs"))
    before = database()
    values = {"name": "x", "pattern": "x", "priority": 0, "text_template": "x", "method": "Get"}
    answer = stranger.post("handler_change", theirs.handler.pk, **values, target_state=world.state.pk)
    assert answer.status_code == 200
    assert database() == before


def test_a_superuser_sees_all(world: World, root: Browser) -> None:
    assert str(world.bot.pk) in root.read("bot_changelist")
    assert root.read("bot_change", world.bot.pk)


def test_a_bot_belongs_to_whoever_makes_it(stranger: Browser, root: Browser) -> None:
    stranger.post("bot_add", name="mine", owner=root.user.pk)
    assert Bot.objects.get().owner == stranger.user


def test_a_superuser_may_make_a_bot_for_somebody(stranger: Browser, root: Browser) -> None:
    root.post("bot_add", name="gift", owner=stranger.user.pk)
    assert Bot.objects.get().owner == stranger.user
    assert f'value="{root.user.pk}"' in root.read("bot_add")


def test_nobody_gets_in(world: World, client: Any) -> None:
    for route in ROUTES:
        ids = [] if route.endswith(LISTS) else [world.rows[table_of(route)].pk]
        answer = client.get(reverse(f"admin:{route}", args=ids))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("admin:login"))
