"""What is done to a bot is an event, written with the change, without anything secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from permabots import origin
from permabots.models import Bot, BotEvent, ConversationTest, EnvironmentVar, Recipient
from permabots.origin import Origin, Source
from permabots.pipeline.authoring import signing
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import TelegramServer
from tests.factories import make_bot, make_handler
from tests.models.test_revision import CHANGES, _full_bot
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = [pytest.mark.django_db(transaction=True)]

SECRET = "sesame-0123456789"
OTHERS: dict[str, Callable[[Bot], object]] = {
    "the bot renamed": lambda bot: _set(bot, name="other"),
    "bots updated": lambda bot: Bot.objects.filter(pk=bot.pk).update(fallback_text="sorry"),
    "a test made": lambda bot: ConversationTest.objects.create(bot=bot, name="t", provider="telegram"),
    "a recipient made": lambda bot: Recipient.objects.create(
        hook=create_hook(bot, {"name": "h", "response": {"text_template": "x"}}), provider="telegram", chat_id="7"
    ),
    "a signing secret made": signing.rotate,
    "a signing secret dropped": lambda bot: (signing.rotate(bot), signing.stop(bot)),
}


def _set(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def newest(bot: Bot) -> BotEvent:
    event: BotEvent = BotEvent.objects.filter(bot=bot).latest("pk")
    return event


# `save` without a change writes nothing, so there is no event of it.
REAL = {name: change for name, change in CHANGES.items() if not name.endswith(" saved")} | OTHERS


@pytest.mark.parametrize("change", REAL.values(), ids=REAL.keys())
def test_each_change_is_an_event_of_its_bot_and_of_no_other(change: Callable[[Bot], object]) -> None:
    bot, other = _full_bot(), _full_bot()
    before = BotEvent.objects.latest("pk").pk
    change(bot)
    new = BotEvent.objects.filter(pk__gt=before)
    assert set(new.values_list("bot_id", flat=True)) == {bot.pk}
    assert other.events.filter(pk__gt=before).count() == 0


def test_a_change_that_is_rolled_back_is_no_event() -> None:
    bot = _full_bot()
    before = BotEvent.objects.count()
    with pytest.raises(LookupError), transaction.atomic():
        _set(bot.handlers.get(), name="other")
        raise LookupError
    assert BotEvent.objects.count() == before


def test_an_event_says_who_did_what_to_which_object_and_which_columns() -> None:
    bot = _full_bot()
    handler = bot.handlers.get()
    with origin.acting(lambda: Origin(Source.COMMAND, "5", "ann", "some_command")):
        _set(handler, priority=7, enabled=False, pattern="secret pattern")
    event = newest(bot)
    assert (event.source, event.user_id, event.user, event.credential) == ("command", "5", "ann", "some_command")
    assert (event.action, event.kind, event.object_id, event.name) == (
        "changed",
        "handler",
        str(handler.pk),
        handler.name,
    )
    assert event.fields == ["enabled", "pattern", "priority"]
    assert event.values == {"enabled": False, "priority": 7}
    _set(handler, name="again")
    assert newest(bot).source == "code"


def test_the_events_of_a_deleted_bot_stay_and_say_so() -> None:
    bot = make_bot()
    pk = bot.pk
    bot.delete()
    assert list(BotEvent.objects.filter(bot=pk).order_by("pk").values_list("action", "kind")) == [
        ("created", "bot"),
        ("deleted", "bot"),
    ]


def test_connecting_and_disconnecting_are_events_without_credentials(bot: Bot, telegram: TelegramServer) -> None:
    assert bot.telegram_bot is not None
    events = BotEvent.objects.filter(bot=bot, kind="telegrambot")
    assert list(events.values_list("action", flat=True)) == ["connected"]
    assert bot.telegram_bot.token not in str(list(BotEvent.objects.values()))


def test_no_event_has_what_may_be_secret() -> None:
    bot = _full_bot()
    variable = EnvironmentVar.objects.create(bot=bot, key="k", value=SECRET, secret=True)
    _set(variable, value=SECRET + "2")
    bot.handlers.get().request.url_parameters.update(value_template=SECRET)
    hook = create_hook(bot, {"name": "h", "key": SECRET, "response": {"text_template": SECRET}})
    secret = signing.rotate(bot).current_secret
    hook.delete()
    stored = str(list(BotEvent.objects.values()))
    assert SECRET not in stored
    assert secret not in stored
    assert "'k'" in stored


def test_a_message_is_no_event(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="menu")
    before = BotEvent.objects.count()
    drain(say(bot, "hello"))
    assert telegram.texts(7) == ["Hi"]
    assert BotEvent.objects.count() == before


def test_an_event_is_never_changed() -> None:
    make_bot()
    event = BotEvent.objects.latest("pk")
    with pytest.raises(ValueError, match="never changed"):
        event.save()
