"""No `save` of anybody writes what permabots itself owns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.db.models import F

from permabots.models import (
    ApiHealth,
    ApiToken,
    Bot,
    Chat,
    Contact,
    Conversation,
    KikBot,
    MessengerBot,
    Notification,
    OutboundMessage,
    TelegramBot,
    WebBot,
    WebVisitor,
    WorkerHeartbeat,
)
from permabots.models.base import MachineColumns
from permabots.pipeline.authoring import configuration, signing
from tests.factories import make_bot, make_conversation, make_handler, make_inbound, make_outbound, make_telegram

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

TABLES: list[Any] = [
    table for table in apps.get_app_config("permabots").get_models() if table.MACHINE and not table._meta.proxy
]
COLUMNS = [(table, name) for table in TABLES for name in sorted(table.MACHINE)]
KEPT_BY_THEIR_TABLE = {
    *("created_at", "updated_at", "key", "disabled_reason", "contexts_size", "previous_identity_secret"),
}
"""Not editable, and written by `save` on purpose."""


def make(table: Any) -> Any:
    """Return a stored row of a table."""
    talk = make_conversation(make_telegram().bot)
    message = make_inbound(talk, 1)
    made = {
        "Bot": lambda: talk.bot,
        "TelegramBot": lambda: talk.bot.telegram_bot,
        "KikBot": lambda: KikBot.objects.create(api_key="k", username="u"),
        "MessengerBot": lambda: MessengerBot.objects.create(token="t"),
        "WebBot": lambda: WebBot.objects.create(slug="shop"),
        "WebVisitor": lambda: WebVisitor.objects.create(web_bot=WebBot.objects.create(slug="shop"), chat_id="v:1"),
        "Conversation": lambda: talk,
        "Chat": lambda: Chat.objects.create(bot=talk.bot, provider="telegram", chat_id="7"),
        "InboundMessage": lambda: message,
        "OutboundMessage": lambda: make_outbound(talk, inbound=message),
        "Handler": lambda: make_handler(talk.bot),
        "Hook": lambda: configuration.create_hook(talk.bot, {"name": "h", "response": {"text_template": "x"}}),
        "Notification": lambda: Notification.objects.create(bot=talk.bot),
        "SigningSecret": lambda: signing.rotate(talk.bot),
        "ApiHealth": lambda: ApiHealth.objects.create(bot=talk.bot, origin="https://api:443"),
        "ApiToken": lambda: ApiToken.objects.create(user=talk.bot.owner, name="t"),
        "WorkerHeartbeat": lambda: WorkerHeartbeat.objects.create(last_sweep_at=datetime(2030, 1, 1, tzinfo=UTC)),
    }
    return made[table.__name__]()


def other(field: models.Field[Any, Any]) -> Any:
    """Return a value that a column does not have yet."""
    if field.remote_field is not None:
        return Contact.objects.create(provider="telegram", external_id="somebody else")
    values: dict[type[models.Field[Any, Any]], Any] = {
        models.DateTimeField: datetime(2031, 1, 1, tzinfo=UTC),
        models.UUIDField: uuid4(),
        models.BooleanField: True,
        models.IntegerField: 41,
        models.CharField: "another",
        models.TextField: "another",
        models.JSONField: {"another": 1},
    }
    return next(value for kind, value in values.items() if isinstance(field, kind))


@pytest.mark.parametrize(("table", "name"), COLUMNS, ids=lambda it: getattr(it, "__name__", it))
def test_a_stale_save_leaves_a_column_of_the_machinery_alone(table: Any, name: str) -> None:
    stale = make(table)
    value = other(table._meta.get_field(name))
    table._base_manager.filter(pk=stale.pk).update(**{name: value})
    stale.save()
    assert getattr(table._base_manager.get(pk=stale.pk), name) == value


@pytest.mark.parametrize(("table", "name"), COLUMNS, ids=lambda it: getattr(it, "__name__", it))
def test_a_save_that_names_such_a_column_is_refused(table: Any, name: str) -> None:
    row = make(table)
    with pytest.raises(ValueError, match=name):
        row.save(update_fields=[name])


@pytest.mark.parametrize("table", list(apps.get_app_config("permabots").get_models()))
def test_what_nobody_may_edit_is_the_machinerys(table: Any) -> None:
    closed = {
        field.name
        for field in table._meta.concrete_fields
        if not field.editable and not field.primary_key and field.name not in KEPT_BY_THEIR_TABLE
    }
    if table._meta.model_name not in {"inboundmessage", "telegramupdate", "kikmessage", "messengermessage"}:
        assert closed <= table.MACHINE
    assert issubclass(table, MachineColumns)
    assert {field.name for field in table._meta.concrete_fields} >= table.MACHINE


def test_a_bot_that_is_saved_late_goes_on_with_its_newest_configuration() -> None:
    bot = make_bot()
    stale = Bot.objects.get()
    make_handler(bot)
    revision = Bot.objects.get().revision
    stale.name = "renamed"
    stale.save()
    configuration.save(stale)
    bot = Bot.objects.get()
    assert (bot.name, bot.revision) == ("renamed", revision)


def test_what_a_save_is_for_is_written() -> None:
    row = make_telegram()
    row.token, row.enabled = "1:other", False
    row.save()
    row = TelegramBot.objects.get()
    assert (row.token, row.enabled, row.status) == ("1:other", False, "connected")


def test_a_row_read_in_part_is_saved_in_part() -> None:
    make_bot()
    Bot.objects.update(revision=F("revision") + 5)
    row = Bot.objects.only("revision").get()
    Bot.objects.update(name="meanwhile")
    row.save()
    assert Bot.objects.values_list("name", "revision").get() == ("meanwhile", 5)


def test_a_row_that_is_gone_is_not_brought_back_by_a_stale_save() -> None:
    talk = make_conversation()
    stale = Conversation.objects.get()
    talk.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        stale.save()
    assert not Conversation.objects.exists()


def test_a_new_row_is_inserted_with_all_of_its_columns() -> None:
    talk = make_conversation()
    row = make_outbound(talk, inbound=make_inbound(talk, 1), payload={"method": "m", "body": {}})
    assert OutboundMessage.objects.get(pk=row.pk).payload["method"] == "m"
