"""The management commands."""

from __future__ import annotations

from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from permabots.models import InboundMessage, TelegramBot
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_bot, make_user
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.test_integrations import TOKEN, attach

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def run(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_info_says_where_messages_go_and_what_went_wrong(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    said = run("permabots_webhook", "info")
    assert row.webhook_url in said
    assert "0 waiting there" in said


def test_a_changed_domain_is_one_command(telegram: TelegramServer, settings: Any) -> None:
    attach(make_bot())
    settings.PERMABOTS = {**settings.PERMABOTS, "WEBHOOK_DOMAIN": "new.example.com"}
    run("permabots_webhook", "set")
    assert telegram.webhook(TOKEN)["url"].startswith("https://new.example.com/processing/telegrambot/")


def test_restore_sets_a_webhook_that_was_lost(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    assert "webhook in place" in run("permabots_webhook", "restore")
    row.client().remove_webhook()
    assert "lost, webhook set to" in run("permabots_webhook", "restore")
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url


def test_restore_leaves_a_disabled_account_alone(telegram: TelegramServer) -> None:
    integrations.change(attach(make_bot()), {}, enabled=False)
    assert "disabled, so it has no webhook" in run("permabots_webhook", "restore")


def test_remove_takes_the_webhook_away_and_keeps_the_row(telegram: TelegramServer) -> None:
    attach(make_bot())
    run("permabots_webhook", "remove")
    assert telegram.webhook(TOKEN)["url"] == ""
    assert TelegramBot.objects.get().webhook_url == ""


def test_a_bot_is_named_by_its_name_or_id(telegram: TelegramServer) -> None:
    one, other = make_bot(name="one"), make_bot(name="other")
    attach(one, "1:a")
    attach(other, "2:b")
    assert "other" not in run("permabots_webhook", "info", "one")
    assert "one" not in run("permabots_webhook", "info", str(other.pk))


def test_an_unknown_bot_is_named(telegram: TelegramServer) -> None:
    with pytest.raises(CommandError, match="'nobody'"):
        run("permabots_webhook", "info", "nobody")


def test_one_account_that_fails_does_not_keep_the_others_from_theirs(telegram: TelegramServer) -> None:
    owner = make_user()
    attach(make_bot(owner=owner, name="a"), "1:a")
    attach(make_bot(owner=owner, name="b"), "2:b")
    telegram.revoke("1:a")
    with pytest.raises(CommandError, match="1 of 2 failed"):
        run("permabots_webhook", "remove")
    assert telegram.webhook("2:b")["url"] == ""


def test_a_disabled_account_gets_no_webhook(telegram: TelegramServer) -> None:
    attach(make_bot(), enabled=False)
    assert "disabled" in run("permabots_webhook", "set")
    assert telegram.webhook(TOKEN)["url"] == ""


def test_without_any_account_the_command_says_so() -> None:
    with pytest.raises(CommandError, match="No bot is connected"):
        run("permabots_webhook", "info")


def test_polling_stores_what_waits(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    row.set_webhook(None)
    for text in ("one", "two"):
        telegram.send_text(TOKEN, 7, text)
    call_poll(telegram)
    assert list(InboundMessage.objects.order_by("provider_sequence").values_list("text", flat=True)) == ["one", "two"]


def test_polling_where_a_webhook_is_set_says_so_and_offers_to_remove_it(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    with patch("builtins.input", return_value="n"), pytest.raises(CommandError, match="--remove-webhook"):
        run("permabots_poll", once=True, timeout=0)
    assert telegram.webhook(TOKEN)["url"] == row.webhook_url


def test_polling_without_a_terminal_asks_for_the_option(telegram: TelegramServer) -> None:
    attach(make_bot())
    with patch("builtins.input", side_effect=EOFError), pytest.raises(CommandError, match="--remove-webhook"):
        run("permabots_poll", once=True, timeout=0)


def test_polling_removes_the_webhook_when_told_to(telegram: TelegramServer) -> None:
    attach(make_bot())
    telegram_said = call_poll(telegram, remove_webhook=True)
    assert "is removed" in telegram_said
    assert telegram.webhook(TOKEN)["url"] == ""


def test_polling_goes_on_after_the_provider_was_away(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    row.set_webhook(None)
    telegram.send_text(TOKEN, 7, "one")
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="getUpdates", count=1))
    assert "HTTP 5" in call_poll(telegram)
    call_poll(telegram)
    assert InboundMessage.objects.count() == 1


def test_polling_ends_when_the_token_is_refused(telegram: TelegramServer) -> None:
    row = attach(make_bot())
    row.set_webhook(None)
    telegram.revoke(TOKEN)
    with pytest.raises(CommandError, match="Unauthorized"):
        call_poll(telegram)


def test_nothing_to_poll_is_said() -> None:
    with pytest.raises(CommandError, match="No enabled bot"):
        run("permabots_poll", once=True)
    assert integrations.integrations_of([]) == []


def call_poll(telegram: TelegramServer, **options: Any) -> str:
    """Poll once, in this thread: the test's transaction is not seen by another."""
    return run("permabots_poll", once=True, timeout=0, **options)
