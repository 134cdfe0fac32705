"""``manage.py permabots_chaos``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from permabots.models import Bot, InboundMessage
from permabots.testing import Fault, FaultKind, TelegramServer, UserApiServer
from tests.celery import app
from tests.factories import make_bot, make_conversation, make_inbound, make_telegram, make_user

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("permabots_chaos", *arguments, stdout=out)
    return out.getvalue()


# account


def old_message(bot: Bot) -> InboundMessage:
    row = make_inbound(make_conversation(bot), 1)
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(minutes=20))
    return row


def test_the_account_of_a_quiet_installation_holds() -> None:
    assert "overdue" in run("account")


def test_an_overdue_message_is_a_failure_of_the_command() -> None:
    row = old_message(make_telegram().bot)
    out = StringIO()
    with pytest.raises(CommandError, match="overdue or out of order"):
        call_command("permabots_chaos", "account", stdout=out)
    assert f"message {row.pk}" in out.getvalue()


def test_the_grace_can_be_given() -> None:
    old_message(make_telegram().bot)
    assert "pending" in run("account", "--grace", "3600")


def test_the_account_can_be_that_of_one_bot() -> None:
    old_message(make_telegram().bot)
    quiet = make_telegram(make_bot(name="quiet")).bot
    assert "pending" not in run("account", quiet.name)


def test_an_unknown_bot_is_named() -> None:
    with pytest.raises(CommandError, match="nobody"):
        run("account", "nobody")


# drive


@pytest.fixture
def telegram(settings: Any, live_server: Any) -> Iterator[TelegramServer]:
    """A stand-in whose messages reach this process's own web server, which does the work of workers at once."""
    app.conf.task_always_eager = True
    with TelegramServer(time_scale=0.01) as server:
        settings.PERMABOTS = {
            "TELEGRAM_API_URL": server.url,
            "WEBHOOK_DOMAIN": live_server.url,
            "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"],
        }
        yield server
    app.conf.task_always_eager = False


DRIVE = ("drive", "--owner", "ann", "--messages", "12", "--conversations", "3", "--rate", "200")


def test_messages_are_driven_and_accounted_for(telegram: TelegramServer) -> None:
    make_user("ann")
    said = run(*DRIVE, "--yes")
    assert said.splitlines()[-1] == "Every promise was kept."
    assert len(telegram.sent()) == 12
    assert Bot.objects.count() == 0


def test_the_bot_can_be_kept_and_the_users_api_be_asked(telegram: TelegramServer) -> None:
    make_user("ann")
    with UserApiServer() as api:
        api.add_route("/u/<chat>/<number>", {})
        run(*DRIVE, "--yes", "--keep", "--api", api.base)
        assert api.requests
    assert Bot.objects.get().conversations.count() == 3


def test_nothing_is_done_without_yes(telegram: TelegramServer) -> None:
    make_user("ann")
    with pytest.raises(CommandError, match="--yes"):
        run(*DRIVE)
    assert Bot.objects.count() == 0


def test_nothing_is_done_where_telegram_is_no_stand_in(settings: Any) -> None:
    make_user("ann")
    settings.PERMABOTS = {"TELEGRAM_API_URL": "http://127.0.0.1:9"}
    with pytest.raises(CommandError, match="no stand-in Telegram"):
        run(*DRIVE, "--yes")


def test_the_owner_must_exist(telegram: TelegramServer) -> None:
    with pytest.raises(CommandError, match="no user ann"):
        run(*DRIVE, "--yes")


def test_a_bot_that_cannot_be_connected_is_told(telegram: TelegramServer) -> None:
    make_user("ann")
    telegram.add_fault(Fault(FaultKind.REFUSE, "getMe", status=400, description="Bad Request"))
    with pytest.raises(CommandError, match="refused"):
        run(*DRIVE, "--yes")


def test_a_message_that_is_never_answered_is_lost(telegram: TelegramServer, settings: Any) -> None:
    """With no sweep, an answer that the provider refuses for a moment is not sent again by itself."""
    settings.PERMABOTS = {**settings.PERMABOTS, "RETRY_BASE": 60}  # nor by the next message of its chat
    make_user("ann")
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, "sendMessage", count=1))
    out = StringIO()
    with pytest.raises(CommandError, match="promise was broken"):
        call_command("permabots_chaos", *DRIVE, "--yes", "--patience", "1.5", stdout=out)
    assert "1 answers not sent" in out.getvalue()
