"""`Bot.revision` goes up with every change of a bot's configuration, however it is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from permabots.models import Bot, EnvironmentVar, Handler, HeaderParam, Response, State, UrlParam
from tests.factories import make_bot, make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def _handler(bot: Bot) -> Handler:
    return bot.handlers.get()


CHANGES: dict[str, Callable[[Bot], object]] = {
    "a handler saved": lambda bot: _handler(bot).save(),
    "a handler deleted": lambda bot: _handler(bot).delete(),
    "handlers updated": lambda bot: bot.handlers.update(priority=3),
    "handlers deleted": lambda bot: bot.handlers.all().delete(),
    "handlers made in bulk": lambda bot: Handler.objects.bulk_create(
        [Handler(bot=bot, name="h", pattern="x", response=Response.objects.create(text_template="x"))]
    ),
    "handlers updated in bulk": lambda bot: Handler.objects.bulk_update([_handler(bot)], ["name"]),
    "a response saved": lambda bot: _handler(bot).response.save(),
    "responses updated": lambda bot: Response.objects.filter(handler__bot=bot).update(text_template="y"),
    "a request saved": lambda bot: _handler(bot).request.save(),
    "a parameter added": lambda bot: UrlParam.objects.create(
        request=_handler(bot).request, key="new", value_template="v"
    ),
    "a parameter updated": lambda bot: HeaderParam.objects.filter(request__handler__bot=bot).update(key="other"),
    "a parameter deleted": lambda bot: UrlParam.objects.get(request__handler__bot=bot).delete(),
    "a variable made": lambda bot: EnvironmentVar.objects.create(bot=bot, key="k", value="v"),
    "a state renamed": lambda bot: bot.states.update(name="elsewhere"),
    "a state deleted": lambda bot: bot.states.get().delete(),
    "a source state linked": lambda bot: _handler(bot).source_states.add(State.objects.create(bot=bot, name="n")),
    "a source state unlinked": lambda bot: _handler(bot).source_states.clear(),
    "a source state linked from its side": lambda bot: bot.states.get().source_handlers.clear(),
}


def _full_bot() -> Bot:
    bot = make_bot()
    make_handler(
        bot,
        source_states=["menu"],
        request={
            "url_template": "http://x/",
            "url_parameters": [{"key": "u", "value_template": "v"}],
            "header_parameters": [{"key": "h", "value_template": "v"}],
        },
    )
    return bot


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_revision_goes_up(change: Callable[[Bot], object]) -> None:
    bot, other = _full_bot(), _full_bot()
    before = {row.pk: row.revision for row in Bot.objects.all()}
    change(bot)
    after = {row.pk: row.revision for row in Bot.objects.all()}
    assert after[bot.pk] > before[bot.pk]
    assert after[other.pk] == before[other.pk]


def test_revision_stays_when_the_change_is_rolled_back() -> None:
    bot = _full_bot()
    before = Bot.objects.get(pk=bot.pk).revision
    with pytest.raises(LookupError), transaction.atomic():
        bot.handlers.get().save()
        raise LookupError
    assert Bot.objects.get(pk=bot.pk).revision == before


def test_revision_stays_when_nothing_of_the_configuration_changes() -> None:
    bot = _full_bot()
    before = Bot.objects.get(pk=bot.pk).revision
    bot.name = "renamed"
    bot.save(update_fields=["name"])
    assert Bot.objects.get(pk=bot.pk).revision == before


def test_handler_moved_to_another_bot_changes_both() -> None:
    bot, other = _full_bot(), make_bot()
    before = Bot.objects.get(pk=bot.pk).revision
    bot.handlers.update(bot=other)
    assert Bot.objects.get(pk=bot.pk).revision > before
    assert Bot.objects.get(pk=other.pk).revision > 0


def test_bot_can_be_deleted_with_all_it_has() -> None:
    bot = _full_bot()
    bot.delete()
    assert not Handler.objects.exists()
    assert not Response.objects.exists()
