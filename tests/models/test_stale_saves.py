"""A `save` writes what was changed in the row it is called on, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from permabots.models import (
    Bot,
    ChatState,
    ConversationTest,
    TelegramBot,
)
from permabots.pipeline.authoring import configuration, integrations
from tests.factories import make_bot, make_conversation, make_handler, make_telegram
from tests.models.test_machine_columns import other

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def authored() -> dict[str, Any]:
    """Return a stored row of each table that people write, by the table's name."""
    bot = make_telegram().bot
    request = {"url_template": "http://a/", "url_parameters": [{"key": "u", "value_template": "1"}]}
    request["header_parameters"] = [{"key": "h", "value_template": "1"}]
    handler = make_handler(bot, target_state="there", request=request)
    response = {"text_template": "x", "keyboard_template": ""}
    hook = configuration.create_hook(bot, {"name": "h", "key": uuid4().hex, "response": response})
    rows = [
        bot,
        bot.telegram_bot,
        handler,
        handler.request,
        *handler.request.url_parameters.all(),
        *handler.request.header_parameters.all(),
        handler.response,
        handler.target_state,
        hook,
        hook.recipients.create(provider="telegram", chat_id="1", name="me"),
        bot.env_vars.create(key="k", value="v"),
        ChatState.objects.create(conversation=make_conversation(bot), state=handler.target_state),
        ConversationTest.objects.create(bot=bot, name="t", steps=[]),
    ]
    return {type(row).__name__: type(row)._base_manager.get(pk=row.pk) for row in rows}


def own_columns(row: Any) -> Iterator[Any]:
    """Yield the plain columns of a row that neither the machinery nor the clock writes, nor the table derives."""
    others = {"created_at", "updated_at", "contexts_size", *row.MACHINE}
    for field in row._meta.concrete_fields:
        if not field.primary_key and not field.is_relation and not field.choices and field.name not in others:
            yield field


def test_a_stale_save_leaves_every_column_alone_that_it_did_not_change() -> None:
    names = list(authored())
    for name in names:
        stale = authored()[name]
        changed = {field.attname: other(field) for field in own_columns(stale)}
        type(stale)._base_manager.filter(pk=stale.pk).update(**changed)
        stale.save()
        now = type(stale)._base_manager.get(pk=stale.pk)
        assert {column: getattr(now, column) for column in changed} == changed, name


def test_a_stale_save_gives_a_bot_no_account_back_that_was_taken_from_it() -> None:
    bot = make_telegram().bot
    stale = Bot.objects.get()
    integrations.detach(bot, "telegram")
    stale.name = "renamed"
    stale.save()
    assert (Bot.objects.get().telegram_bot, Bot.objects.get().name) == (None, "renamed")


def test_a_list_that_was_changed_where_it_is_is_written() -> None:
    state = authored()["ChatState"]
    state.contexts["b"] = {}
    state.save()
    assert ChatState.objects.get().contexts == {"b": {}}
    state.contexts["b"]["x"] = 2
    state.save()
    row = ChatState.objects.get()
    assert (row.contexts, row.contexts_size) == ({"b": {"x": 2}}, len('{"b":{"x":2}}'))


def test_an_account_that_is_made_after_it_was_given_is_written() -> None:
    make_bot()
    bot = Bot.objects.get()
    bot.telegram_bot = account = TelegramBot(token="1:t")
    account.save()
    bot.save()
    assert Bot.objects.get().telegram_bot == account


def test_a_column_read_later_does_not_hide_what_was_changed_before() -> None:
    make_bot()
    bot = Bot.objects.defer("fallback_text").get()
    bot.name = "renamed"
    assert bot.fallback_text == ""
    bot.save()
    assert Bot.objects.get().name == "renamed"


def test_what_was_saved_and_rolled_back_is_written_by_the_next_save() -> None:
    make_bot()
    bot = Bot.objects.get()
    bot.name = "renamed"
    with suppress(ZeroDivisionError), transaction.atomic():
        bot.save()
        raise ZeroDivisionError
    assert Bot.objects.get().name == "shop"
    bot.save()
    assert Bot.objects.get().name == "renamed"


@pytest.mark.parametrize("options", [{}, {"update_fields": ["name"]}])
def test_a_column_that_is_set_back_is_written(options: dict[str, Any]) -> None:
    make_bot()
    bot = Bot.objects.get()
    bot.name = "renamed"
    bot.save(**options)
    bot.name = "shop"
    bot.save()
    assert Bot.objects.get().name == "shop"


def test_a_row_that_was_read_again_puts_nothing_back() -> None:
    make_bot()
    bot = Bot.objects.get()
    bot.name = "renamed"
    bot.save()
    bot.refresh_from_db()
    Bot.objects.update(name="meanwhile")
    bot.save()
    assert Bot.objects.get().name == "meanwhile"
