"""States: unique once folded, and what becomes of handlers when one is deleted."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from permabots.models import State
from permabots.models.state import ORPHANED
from tests.factories import make_bot, make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize("double", ["Main Menu", "main menu", " MAIN   MENU ", "main_menu"])
def test_names_that_fold_to_one_key_are_refused(double: str) -> None:
    bot = make_bot()
    State.objects.create(bot=bot, name="Main Menu")
    with pytest.raises(IntegrityError):
        State.objects.create(bot=bot, name=double)


def test_key_is_kept_by_every_way_of_writing() -> None:
    bot = make_bot()
    State.objects.bulk_create([State(bot=bot, name="Two Words")])
    assert State.objects.get().key == "two_words"
    State.objects.update(name="Three Short Words")
    state = State.objects.get()
    assert state.key == "three_short_words"
    state.name = "One"
    state.save(update_fields=["name"])
    assert State.objects.get().key == "one"


def test_handler_whose_only_source_state_is_deleted_is_disabled_and_says_so() -> None:
    bot = make_bot()
    handler = make_handler(bot, source_states=["menu"])
    bot.states.get().delete()
    handler.refresh_from_db()
    assert (handler.enabled, handler.disabled_reason) == (False, ORPHANED)


def test_handler_with_another_source_state_goes_on() -> None:
    bot = make_bot()
    handler = make_handler(bot, source_states=["menu", "detail"])
    bot.states.get(name="menu").delete()
    handler.refresh_from_db()
    assert handler.enabled


def test_handler_is_disabled_when_all_its_states_are_deleted_at_once() -> None:
    bot = make_bot()
    handler = make_handler(bot, source_states=["menu", "detail"])
    bot.states.all().delete()
    handler.refresh_from_db()
    assert not handler.enabled


def test_handler_that_is_enabled_again_forgets_the_reason() -> None:
    bot = make_bot()
    handler = make_handler(bot, source_states=["menu"])
    bot.states.get().delete()
    handler.refresh_from_db()
    handler.enabled = True
    handler.save(update_fields=["enabled"])
    handler.refresh_from_db()
    assert handler.disabled_reason == ""


def test_handler_loses_a_deleted_target_state() -> None:
    bot = make_bot()
    handler = make_handler(bot, target_state="menu")
    bot.states.get().delete()
    handler.refresh_from_db()
    assert handler.enabled
    assert handler.target_state is None
