"""Two people at one page: the second SAVE does not silently put back what the first one changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from permabots.admin.versions import CHANGED, OVERWRITE, SEEN_VERSION
from permabots.models import Bot, ChatState, State
from permabots.pipeline.authoring.configuration import change_handler, change_hook
from tests.admin.conftest import Browser, errors
from tests.admin.world import World
from tests.ends import overtaken

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


def opened(browser: Browser, page: str, row: Any) -> dict[str, Any]:
    """Open a page; returns its form as a browser would send it back untouched."""
    answer = browser.get(page, row.pk)
    assert answer.status_code == 200
    return untouched(answer)


def untouched(answer: Any) -> dict[str, Any]:
    """Return the form of a page as a browser would send it: with what the page shows, and nothing else."""
    inlines = answer.context["inline_admin_formsets"]
    rows = [row.form for inline in inlines for row in inline if "__prefix__" not in row.form.prefix]
    forms = [answer.context["adminform"].form, *rows, *(inline.formset.management_form for inline in inlines)]
    bound = [(field.html_name, field.value()) for form in forms for field in form]
    return {name: _sent(value) for name, value in bound if value is not False and value is not None}


def tick_of(answer: Any) -> str:
    """Return what the checkbox of a refused page sends, which is not ticked."""
    found = re.search(rf'<input type="checkbox" name="{OVERWRITE}" value="(\w+)"([^>]*)>', answer.content.decode())
    assert found is not None
    assert "checked" not in found[2]
    return found[1]


def _sent(value: Any) -> Any:
    if value is True:
        return "on"
    if isinstance(value, list):
        return [getattr(item, "pk", item) for item in value]
    return value


@dataclass(frozen=True)
class Case:
    """What two authors do at one page.

    Args:
        row: the row of `World`.
        other: what the other one does.
        field: where this one writes something.
        told: how the other's version is told.
    """

    row: str
    other: Callable[[Any], Any]
    field: str = "name"
    told: str = "theirs"


def _theirs(**values: Any) -> Callable[[Any], None]:
    return lambda row: _save(row, **(values or {"name": "theirs"}))


TEXT = {"response": {"text_template": "theirs"}}
CASES = {
    "handler": Case("handler", lambda row: change_handler(row, {"name": "theirs"})),
    "response": Case("handler", lambda row: change_handler(row, TEXT), "text_template"),
    "hook": Case("hook", lambda row: change_hook(row, {"name": "theirs"})),
    "state": Case("state", _theirs()),
    "variable": Case("environmentvar", _theirs(key="theirs"), "key"),
    "secret": Case("environmentvar", _theirs(value="theirs"), "value", "another value"),
    "bot": Case("bot", _theirs()),
}


def _save(row: Any, **values: Any) -> None:
    fresh = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save()


def _value(row: Any, name: str) -> Any:
    fresh = type(row).objects.get(pk=row.pk)
    return getattr(fresh.response if name == "text_template" else fresh, name)


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_second_save_is_refused_with_both_versions_and_taken_when_it_is_confirmed(
    owner: Browser, world: World, case: str
) -> None:
    found = CASES[case]
    page, row, field = f"{found.row}_change", world.rows[found.row], found.field
    before = {**opened(owner, page, row), field: "mine"}
    found.other(row)
    answer = owner.post(page, row.pk, **before)
    said = errors(answer)
    assert CHANGED in said["__all__"]
    assert said[field] == [f"Saved meanwhile: {found.told}"]
    assert _value(row, field) == "theirs"
    again = {**before, OVERWRITE: ""}
    assert owner.post(page, row.pk, **again).status_code == 200, "not without a tick"
    assert owner.post(page, row.pk, **{**again, OVERWRITE: tick_of(answer)}).status_code == 302
    assert _value(row, field) == "mine"


def test_a_tick_counts_for_the_version_that_was_shown_beside_it(owner: Browser, world: World) -> None:
    before = {**opened(owner, "state_change", world.state), "name": "mine"}
    _save(world.state, name="theirs")
    tick = tick_of(owner.post("state_change", world.state.pk, **before))
    _save(world.state, name="later")
    assert "Saved meanwhile: later" in str(
        errors(owner.post("state_change", world.state.pk, **{**before, OVERWRITE: tick}))
    )


def test_what_an_author_did_not_touch_is_not_put_back(owner: Browser, world: World) -> None:
    before = {**opened(owner, "handler_change", world.handler), "name": "mine"}
    change_handler(world.handler, {"pattern": "theirs"})
    assert list(errors(owner.post("handler_change", world.handler.pk, **before))) == ["__all__", "pattern"]


def test_two_who_write_the_same_are_in_nobodys_way(owner: Browser, world: World) -> None:
    before = {**opened(owner, "state_change", world.state), "name": "same"}
    _save(world.state, name="same")
    assert owner.post("state_change", world.state.pk, **before).status_code == 302


@pytest.mark.parametrize("part", ["URL parameters", "Headers"])
def test_parameters_that_somebody_else_changed_are_told(owner: Browser, world: World, part: str) -> None:
    before = opened(owner, "handler_change", world.handler)
    name = "url_parameters" if part == "URL parameters" else "header_parameters"
    change_handler(world.handler, {"request": {name: [{"key": "theirs", "value_template": "w"}]}})
    assert (
        f"{part}. Saved meanwhile: k = v; theirs = w"
        in errors(owner.post("handler_change", world.handler.pk, **before))["__all__"]
    )


def test_recipients_that_somebody_else_changed_are_told(owner: Browser, world: World) -> None:
    before = opened(owner, "hook_change", world.hook)
    world.recipient.chat_id = "8"
    world.recipient.save()
    assert (
        "Recipients. Saved meanwhile: me on telegram (8)"
        in errors(owner.post("hook_change", world.hook.pk, **before))["__all__"]
    )


def test_a_form_without_a_version_is_saved_as_ever(owner: Browser, world: World) -> None:
    before = {**opened(owner, "state_change", world.state), "name": "mine"}
    _save(world.state, name="theirs")
    for sent in ("", "{", "[]"):
        assert owner.post("state_change", world.state.pk, **{**before, SEEN_VERSION: sent}).status_code == 302


def test_a_state_that_a_turn_wrote_after_the_page_was_opened_is_not_overwritten(owner: Browser, world: World) -> None:
    end, other = (State.objects.create(bot=world.bot, name=name) for name in ("end", "other"))
    before = {**opened(owner, "chatstate_change", world.chat_state), "state": str(end.pk)}
    ChatState.objects.update(state=other, contexts={"menu": {"pattern": {"a": "b"}}})  # as a turn does
    assert errors(owner.post("chatstate_change", world.chat_state.pk, **before))["state"] == ["Saved meanwhile: other"]
    assert ChatState.objects.get().state == other


def test_a_state_that_a_turn_writes_while_the_page_is_saved_is_not_overwritten(owner: Browser, world: World) -> None:
    end, other = (State.objects.create(bot=world.bot, name=name) for name in ("end", "other"))
    before = {**opened(owner, "chatstate_change", world.chat_state), "state": str(end.pk)}
    with overtaken(state=other):
        answer = owner.post("chatstate_change", world.chat_state.pk, **before)
    assert errors(answer)["state"] == ["Saved meanwhile: other"]
