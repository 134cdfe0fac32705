"""Two people at one page with a table in it: rows that one deletes, and the other has open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from permabots.admin.versions import OVERWRITE
from permabots.models import Bot
from permabots.pipeline.authoring.configuration import change_handler
from tests.admin.conftest import Browser
from tests.admin.test_two_authors import opened, tick_of, untouched
from tests.admin.world import World

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


@dataclass(frozen=True)
class Table:
    """A table in a page.

    Args:
        page: of which row of `World`.
        prefix: of its fields.
        name: of one field.
        rows: finds its rows.
    """

    page: str
    prefix: str
    name: str
    rows: Callable[[Any], Any]

    def values(self, world: World) -> list[str]:
        """Return what is in the database."""
        row = world.rows[self.page]
        row.refresh_from_db()
        return list(self.rows(row).values_list(self.name, flat=True))


TABLES = {
    "parameter": Table("handler", "urlparam", "key", lambda row: row.request.url_parameters),
    "header": Table("handler", "headerparam", "key", lambda row: row.request.header_parameters),
    "recipient": Table("hook", "recipients", "name", lambda row: row.recipients),
}


@pytest.mark.parametrize("kind", TABLES)
def test_what_is_typed_in_a_row_that_somebody_else_deletes_stays_and_is_saved_when_it_is_confirmed(
    owner: Browser, root: Browser, world: World, kind: str
) -> None:
    table = TABLES[kind]
    page, row = f"{table.page}_change", world.rows[table.page]
    mine = {**opened(owner, page, row), f"{table.prefix}-0-{table.name}": "mine"}
    theirs = {**opened(root, page, row), f"{table.prefix}-0-DELETE": "on"}
    assert root.post(page, row.pk, **theirs).status_code == 302
    answer = owner.post(page, row.pk, **mine)
    shown = untouched(answer)
    assert "mine" in shown.values()
    assert table.values(world) == []
    assert owner.post(page, row.pk, **{**shown, OVERWRITE: tick_of(answer)}).status_code == 302
    assert table.values(world) == ["mine"]


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_that_both_delete_is_not_made_again(owner: Browser, root: Browser, world: World, kind: str) -> None:
    table = TABLES[kind]
    page, row = f"{table.page}_change", world.rows[table.page]
    mine, theirs = ({**opened(who, page, row), f"{table.prefix}-0-DELETE": "on"} for who in (owner, root))
    assert root.post(page, row.pk, **theirs).status_code == 302
    answer = owner.post(page, row.pk, **mine)
    assert owner.post(page, row.pk, **{**untouched(answer), OVERWRITE: tick_of(answer)}).status_code == 302
    assert table.values(world) == []


def test_a_row_below_one_that_somebody_else_deletes_stays_the_row_that_it_is(
    owner: Browser, root: Browser, world: World
) -> None:
    """Forms have numbers: the second one must not be taken for the first row that is left, and none may be hidden."""
    below = world.hook.recipients.create(provider="telegram", chat_id="8", name="below")
    new = {"recipients-2-name": "new", "recipients-2-chat_id": "9"}
    mine = {**opened(owner, "hook_change", world.hook), "recipients-1-name": "mine", **new}
    world.recipient.delete()
    answer = owner.post("hook_change", world.hook.pk, **mine)
    shown = untouched(answer)
    assert [shown[f"recipients-{number}-name"] for number in range(3)] == ["mine", "me", "new"]
    assert owner.post("hook_change", world.hook.pk, **{**shown, OVERWRITE: tick_of(answer)}).status_code == 302
    assert sorted(world.hook.recipients.values_list("name", flat=True)) == ["me", "mine", "new"]
    assert world.hook.recipients.get(name="mine").pk == below.pk


def test_a_request_that_somebody_else_takes_away_is_made_again_when_it_is_confirmed(
    owner: Browser, world: World
) -> None:
    mine = opened(owner, "handler_change", world.handler)
    change_handler(world.handler, {"request": None})
    answer = owner.post("handler_change", world.handler.pk, **mine)
    said = answer.context["adminform"].form.errors
    assert said["url_template"] == ["Saved meanwhile: empty"]
    assert {"URL parameters. Saved meanwhile: none", "Headers. Saved meanwhile: none"} <= set(said["__all__"])
    sent = {**untouched(answer), OVERWRITE: tick_of(answer)}
    assert owner.post("handler_change", world.handler.pk, **sent).status_code == 302
    assert [TABLES[kind].values(world) for kind in ("parameter", "header")] == [["k"], ["k"]]


def test_parameters_of_a_request_that_somebody_else_adds_are_told(owner: Browser, world: World) -> None:
    """Also where both write the same URL, so that nothing else is told."""
    change_handler(world.handler, {"request": None})
    mine = {**opened(owner, "handler_change", world.handler), "url_template": "http://same/"}
    added = {"url_template": "http://same/", "url_parameters": [{"key": "theirs", "value_template": "w"}]}
    change_handler(world.handler, {"request": added})
    answer = owner.post("handler_change", world.handler.pk, **mine)
    assert "URL parameters. Saved meanwhile: theirs = w" in answer.context["adminform"].form.errors["__all__"]
    assert TABLES["parameter"].values(world) == ["theirs"]
