"""A bot on one page, and what can be done with whole bots."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from permabots.exceptions import ProviderError
from permabots.models import Bot, EnvironmentVar, Handler, MessengerBot, Recipient, TelegramBot
from permabots.pipeline.authoring.configuration import change_hook, create_hook
from tests.admin.conftest import Browser
from tests.admin.world import World
from tests.factories import at_large, make_account, make_bot, make_handler, make_telegram

pytestmark = [pytest.mark.django_db]


def queries(browser: Browser, page: str, *ids: Any) -> int:
    browser.read(page, *ids)  # what a process keeps (content types, the Site) is kept now
    with CaptureQueriesContext(connection) as found:
        browser.read(page, *ids)
    return len(found)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_handlers_are_in_the_order_they_are_tried(owner: Browser, bot: Bot) -> None:
    make_handler(bot, "later", name="later")
    make_handler(bot, "first", name="first", priority=5, source_states=["menu"], target_state="end")
    source = owner.read("bot_change", bot.pk)
    assert source.index("<code>first</code>") < source.index("<code>later</code>")
    context = owner.get("bot_change", bot.pk).context
    assert [handler.name for handler in context["handlers"]] == ["first", "later"]


def test_a_handler_that_permabots_disabled_tells_why(owner: Browser, bot: Bot) -> None:
    make_handler(bot)
    Handler.objects.update(enabled=False, disabled_reason="its state is gone")
    assert "its state is gone" in owner.read("bot_change", bot.pk)


def test_accounts_tell_how_they_are(owner: Browser, bot: Bot, settings: Any) -> None:
    soon = timezone.now() + timedelta(hours=1)
    row = make_telegram(bot)
    with at_large() as server, pytest.raises(ProviderError):
        server.revoke(row.token)
        row.sync_webhook()
    TelegramBot.objects.update(paused_until=soon)
    make_account(bot, "messenger")
    MessengerBot.objects.update(app_secret="")
    source = owner.read("bot_change", bot.pk)
    for text in (row.webhook_url, "Unauthorized", "Nothing is sent before", "connect it", "app_secret missing"):
        assert text in source
    assert "Messages are not authenticated" not in source
    settings.PERMABOTS = {"MESSENGER_ALLOW_UNSIGNED": True}
    source = owner.read("bot_change", bot.pk)
    assert (source.count("Messages are not authenticated"), "app_secret missing" in source) == (1, False)


def unconnected(bot: Bot) -> None:
    bot.telegram_bot = TelegramBot.objects.create(token="1:a")
    bot.save()


def without_webhook(bot: Bot) -> None:
    row = make_telegram(bot)
    with at_large():
        row.set_webhook(None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (partial(make_telegram, enabled=False), "disabled: what comes in is stored and not answered"),
        (unconnected, "not connected yet"),
        (without_webhook, "connected, without a webhook"),
        (make_telegram, "connected"),
    ],
)
def test_the_status_of_an_account_in_words(owner: Browser, bot: Bot, make: Any, said: str) -> None:
    make(bot)
    assert f">{said}</span>" in owner.read("bot_change", bot.pk)


def test_a_pause_that_is_over_is_not_told(owner: Browser, bot: Bot) -> None:
    make_telegram(bot)
    TelegramBot.objects.update(paused_until=timezone.now() - timedelta(hours=1))
    assert "Nothing is sent before" not in owner.read("bot_change", bot.pk)


def test_every_part_can_be_added_from_the_page(owner: Browser, bot: Bot) -> None:
    source = owner.read("bot_change", bot.pk)
    for table in ("handler", "state", "environmentvar", "hook", "telegrambot", "kikbot", "messengerbot"):
        assert f"/admin/permabots/{table}/add/?bot={bot.pk}" in source


def test_the_page_asks_as_often_for_5_handlers_as_for_100(owner: Browser, bot: Bot) -> None:
    World(bot)
    for number in range(4):
        make_handler(bot, f"a{number}", source_states=["menu", "end"])
    few = queries(owner, "bot_change", bot.pk)
    for number in range(95):
        make_handler(bot, f"b{number}", source_states=["menu", f"s{number}"], target_state="end")
        EnvironmentVar.objects.create(bot=bot, key=f"k{number}", value="v")
    create_hook(bot, {"name": "second", "response": {"text_template": "x"}})
    assert bot.handlers.count() == 100
    assert (queries(owner, "bot_change", bot.pk), few <= 22) == (few, True)


@pytest.mark.parametrize("table", ["bot", "handler", "hook", "state", "inboundmessage", "conversation", "chatstate"])
def test_a_list_asks_as_often_for_1_row_as_for_many(owner: Browser, bot: Bot, table: str) -> None:
    World(bot)
    few = queries(owner, f"{table}_changelist")
    for number in range(3):
        World(make_bot(owner=bot.owner, name=f"other {number}"))
    assert queries(owner, f"{table}_changelist") == few


# --- duplicates -------------------------------------------------------------------------------------------------------


def test_a_duplicate_has_the_whole_configuration_and_nothing_else(owner: Browser, bot: Bot) -> None:
    world = World(bot)
    change_hook(world.hook, {"strict": True})
    Recipient.objects.create(hook=world.hook, provider="telegram", chat_id="-7", topic="77", name="topic")
    owner.post("bot_change", bot.pk, name="shop", fallback_text="Sorry", separate_topics="on")
    make_handler(bot, "second", keyboard="[['Yes']]", enabled=False)
    assert owner.act("bot_changelist", "duplicate_bots", bot)[-1] == "shop: duplicated as shop (copy)."
    copy = Bot.objects.get(name="shop (copy)")
    assert shape(copy) == shape(bot)
    assert (copy.owner, copy.integrations(), copy.conversations.count()) == (bot.owner, [], 0)
    hook = copy.hooks.get()
    assert (hook.key != world.hook.key, hook.strict) == (True, True)
    assert sorted(hook.recipients.values_list("name", "topic")) == [("me", ""), ("topic", "77")]
    assert (copy.fallback_text, copy.separate_topics) == ("Sorry", True)
    assert EnvironmentVar.objects.filter(bot=copy, secret=True).exists()


def shape(bot: Bot) -> Any:
    """Return a bot's configuration without its ids."""
    definition = bot.definition()
    names = {str(state.pk): state.name for state in bot.states.all()}
    handlers = [
        (
            *(it.name, it.pattern, it.response, it.request, it.priority, it.enabled),
            it.target_state and it.target_state.name,
            sorted(names[state] for state in it.source_states),
        )
        for it in definition.handlers
    ]
    hooks = [(hook.name, hook.enabled, hook.response.definition()) for hook in bot.hooks.all()]
    return handlers, definition.variables, sorted(names.values()), hooks


def test_a_duplicate_keeps_why_a_handler_was_disabled(owner: Browser, bot: Bot) -> None:
    make_handler(bot)
    Handler.objects.update(enabled=False, disabled_reason="its state is gone")
    owner.act("bot_changelist", "duplicate_bots", bot)
    assert set(Handler.objects.values_list("enabled", "disabled_reason")) == {(False, "its state is gone")}


def test_what_cannot_be_duplicated_leaves_nothing(owner: Browser, bot: Bot) -> None:
    make_handler(bot)
    Handler.objects.update(pattern="(")
    (said,) = owner.act("bot_changelist", "duplicate_bots", bot)
    assert said.startswith("shop: ")
    assert Bot.objects.count() == 1


def test_a_long_name_has_room_for_the_copys(owner: Browser, bot: Bot) -> None:
    Bot.objects.update(name="x" * 100)
    owner.act("bot_changelist", "duplicate_bots", bot)
    assert Bot.objects.filter(name="x" * 93 + " (copy)").exists()


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_what_goes_with_a_bot_is_counted(owner: Browser, bot: Bot) -> None:
    World(bot)
    counts = dict(owner.get("bot_delete", bot.pk).context["model_count"])
    assert counts["bots"] == counts["handlers"] == counts["hooks"] == counts["conversations"] == 1
    assert counts["environment variables"] == counts["states"] == 1
