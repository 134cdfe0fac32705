"""``permabots_retry`` and ``permabots_status``."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import BaseCommand, CommandError, load_command_class
from django.utils import timezone

from permabots.exceptions import ProviderError
from permabots.models import (
    ApiHealth,
    Bot,
    Conversation,
    Hook,
    InboundMessage,
    Notification,
    OutboundMessage,
    TelegramBot,
)
from permabots.pipeline.configuration import create_hook
from tests.docs_pages import page
from tests.factories import at_large, make_bot, make_conversation, make_inbound, make_outbound, make_telegram
from tests.test_commands import run
from tests.test_docs import options_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def woken(monkeypatch: Any) -> list[tuple[str, Any]]:
    """What the commands publish: the name of the task and its arguments."""
    published: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        "permabots.broker.publish", lambda task, *args, **_: published.append((task.name, args)) or True
    )
    return published


def talking(name: str = "shop", chat: str = "7") -> Conversation:
    """A conversation of a bot that is connected to Telegram."""
    bot = make_bot(name=name)
    make_telegram(bot)
    return make_conversation(bot, chat)


def message(talk: Conversation, number: int, **values: Any) -> InboundMessage:
    return make_inbound(talk, number, bot=talk.bot, **values)


def make_hook(bot: Bot, key: str = "K") -> Hook:
    return create_hook(bot, {"name": key, "key": key, "response": {"text_template": "x", "keyboard_template": ""}})


def delivery(talk: Conversation, key: str, status: str = "parked") -> OutboundMessage:
    """A call of a hook's notification."""
    hook = Hook.objects.filter(key=key).first() or make_hook(talk.bot, key)
    notice = Notification.objects.create(bot=talk.bot, hook=hook, status="done", data={}, total=1)
    return make_outbound(talk, notification=notice, status=status, attempts=8)


def pending() -> tuple[int, int]:
    return InboundMessage.objects.unfinished().count(), OutboundMessage.objects.unfinished().count()


class TestRetry:
    def test_parked_messages_and_calls_are_put_back_and_woken(self, woken: Any) -> None:
        talk = talking()
        message(talk, 1, status="parked", attempts=3, error="why")
        make_outbound(talk, inbound=message(talk, 2, status="done"), status="parked", attempts=8)
        delivery(talk, "K")
        message(talk, 3, status="done")
        assert run("permabots_retry") == "shop: 1 messages and 2 calls will be tried again.\n"
        assert pending() == (1, 2)
        assert ("permabots.drain", (talk.pk, "telegram")) in woken

    def test_what_was_left_out_without_a_failure_stays(self) -> None:
        talk = talking()
        message(talk, 1, status="skipped")
        message(talk, 2, status="ignored")
        make_outbound(talk, inbound=message(talk, 3, status="done"), status="skipped")
        assert "0 messages and 0 calls" in run("permabots_retry")
        assert pending() == (0, 0)

    def test_a_notification_that_was_given_up_goes_on(self, woken: Any) -> None:
        talk = talking()
        notice = Notification.objects.create(bot=talk.bot, hook=make_hook(talk.bot), status="parked", data={})
        run("permabots_retry")
        assert Notification.objects.get().status == "pending"
        assert ("permabots.fan_out", (notice.pk,)) in woken

    def test_a_dry_run_counts_and_changes_nothing(self) -> None:
        talk = talking()
        message(talk, 1, status="parked")
        delivery(talk, "K")
        said = run("permabots_retry", "--dry-run")
        assert said == "shop: 1 messages and 1 notifications could be tried again.\n"
        assert pending() == (0, 0)

    def test_named_bots_alone(self) -> None:
        message(talking("one", "1"), 1, status="parked")
        message(talking("other", "2"), 1, status="parked")
        run("permabots_retry", "other")
        assert InboundMessage.objects.unfinished().get().conversation.bot.name == "other"
        with pytest.raises(CommandError, match="'nobody'"):
            run("permabots_retry", "nobody")

    def test_one_provider_alone(self) -> None:
        talk = talking()
        message(talk, 1, status="parked")
        delivery(talk, "K")
        run("permabots_retry", "--provider", "kik")
        assert pending() == (0, 0)
        run("permabots_retry", "--provider", "telegram")
        assert pending() == (1, 1)

    def test_one_hook_alone(self) -> None:
        talk = talking()
        message(talk, 1, status="parked")
        delivery(talk, "ONE")
        wanted = delivery(talk, "OTHER")
        run("permabots_retry", "--hook", "OTHER")
        assert OutboundMessage.objects.unfinished().get() == wanted
        assert pending() == (0, 1)

    @pytest.mark.parametrize(("ago", "found"), [(1, 1), (5, 2)])
    def test_since_a_day_or_a_moment(self, ago: int, found: int) -> None:
        talk = talking()
        old = message(talk, 1, status="parked")
        InboundMessage.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=3))
        message(talk, 2, status="parked")
        since = timezone.now() - timedelta(days=ago)
        assert f"{found} messages" in run("permabots_retry", "--dry-run", "--since", f"{since:%Y-%m-%d}")
        assert f"{found} messages" in run("permabots_retry", "--dry-run", "--since", since.isoformat())

    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-20T99:00"])
    def test_what_is_no_time_is_refused(self, text: str) -> None:
        with pytest.raises(CommandError, match=text):
            run("permabots_retry", "--since", text)

    def test_an_account_that_is_disabled_is_left_alone_and_its_deliveries_are_named(self) -> None:
        talk = talking()
        message(talk, 1, status="parked")
        call = delivery(talk, "K")
        type(talk.bot.telegram_bot)._default_manager.update(enabled=False)
        said = run("permabots_retry")
        assert f"notification {call.notification_id}: The bot has no account that is enabled." in said
        assert pending() == (0, 0)


class TestStatus:
    def test_nothing_to_tell(self) -> None:
        talking()
        assert run("permabots_status") == "Nothing waits, and nothing failed or was given up.\n"

    def test_rows_are_shown_by_bot_and_provider(self) -> None:
        talk = talking()
        message(talk, 1)
        message(talk, 2, status="parked")
        lines = run("permabots_status").splitlines()
        assert lines[0].split() == ["bot", "provider", "kind", "status", "rows", "oldest"]
        assert [line.split()[:5] for line in lines[1:]] == [
            ["shop", "telegram", "inbound", "pending", "1"],
            ["shop", "telegram", "inbound", "parked", "1"],
        ]

    def test_accounts_that_are_not_well_are_shown(self) -> None:
        bot = make_bot(name="shop")
        now = timezone.now()
        row = make_telegram(bot, enabled=False)
        with at_large() as server, pytest.raises(ProviderError):
            server.revoke(row.token)
            row.point_webhook()
        TelegramBot.objects.update(paused_until=now + timedelta(hours=1))
        gone = make_telegram(make_bot(name="gone"))
        Bot.objects.filter(name="gone").delete()
        _, first, second = run("permabots_status").splitlines()
        assert first.startswith(f"shop, telegram {row.pk}: disabled; nothing is sent until ")
        assert first.endswith(": Unauthorized")
        assert second == f"(no bot), telegram {gone.pk}: being removed"
        assert row.token not in first

    def test_apis_that_are_left_alone_are_shown(self) -> None:
        until = timezone.now() + timedelta(minutes=1)
        ApiHealth.objects.create(bot=make_bot(name="shop"), origin="https://api:443", failures=5, open_until=until)
        shown = run("permabots_status").splitlines()[-1]
        assert shown == f"shop, https://api:443: left alone until {until.isoformat(timespec='seconds')}"
        (api,) = json.loads(run("permabots_status", "--json"))["apis"]
        assert (api["origin"], api["failures"]) == ("https://api:443", 5)

    def test_programs_read_json(self) -> None:
        talk = talking()
        message(talk, 1)
        make_telegram(make_bot(name="other"), enabled=False)
        said = json.loads(run("permabots_status", "--json"))
        (row,) = said["rows"]
        assert row.pop("seconds") >= 0
        assert row == {"kind": "inbound", "provider": "telegram", "status": "pending", "rows": 1, "bot": "shop"}
        (account,) = said["accounts"]
        assert (account["bot"], account["trouble"]) == ("other", ["disabled"])
        assert said["oldest"] >= 0


@pytest.mark.parametrize("command", ["permabots_purge", "permabots_retry", "permabots_status"])
def test_the_page_tells_every_option(command: str) -> None:
    options = options_of(load_command_class("permabots", command)) - options_of(BaseCommand())
    assert options
    assert {option for option in options if f"``{option}" not in page("operations")} == set()
