"""``permabots_retry`` and ``permabots_status``."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import BaseCommand, CommandError, load_command_class
from django.test import override_settings
from django.utils import timezone

from permabots.exceptions import ProviderError
from permabots.models import (
    ApiHealth,
    Bot,
    Hook,
    InboundMessage,
    Notification,
    OutboundMessage,
    TelegramBot,
)
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.authoring.integrations import change
from permabots.pipeline.hooks import notifications
from permabots.pipeline.hooks.notifications import store
from tests.docs.pages import page
from tests.docs.test_pages import options_of
from tests.ends import make_answer, make_delivery, make_message
from tests.factories import at_large, make_account, make_bot, make_telegram, say, tell
from tests.test_commands import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def woken(monkeypatch: Any) -> list[tuple[str, Any]]:
    """What the commands publish: the name of the task and its arguments."""
    published: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        "permabots.broker.publish", lambda task, *args, **_: published.append((task.name, args)) or True
    )
    return published


def talking(name: str = "shop") -> Bot:
    """A bot that is connected to Telegram."""
    return make_telegram(make_bot(name=name)).bot


def make_hook(bot: Bot, key: str = "K", text: str = "x") -> Hook:
    return create_hook(bot, {"name": key, "key": key, "response": {"text_template": text, "keyboard_template": ""}})


def delivery(bot: Bot, key: str) -> OutboundMessage:
    """A call of a hook's notification, which its messenger refused."""
    return make_delivery(make_hook(bot, key), "parked").outbound.get()


def pending() -> tuple[int, int]:
    return InboundMessage.objects.unfinished().count(), OutboundMessage.objects.unfinished().count()


class TestRetry:
    def test_parked_messages_and_calls_are_put_back_and_woken(self, woken: Any) -> None:
        bot = talking()
        make_answer(bot, "parked")
        row, _ = (make_message(bot, status) for status in ("parked", "done"))
        delivery(bot, "K")
        assert run("permabots_retry") == "shop: 1 messages and 2 calls will be tried again.\n"
        assert pending() == (1, 2)
        assert ("permabots.drain", (row.conversation_id, "telegram")) in woken

    def test_what_was_left_out_without_a_failure_stays(self) -> None:
        bot = talking()
        make_answer(bot, "skipped")
        for status in ("skipped", "ignored"):
            make_message(bot, status)
        assert "0 messages and 0 calls" in run("permabots_retry")
        assert pending() == (0, 0)

    def test_a_notification_that_was_given_up_goes_on(self, woken: Any) -> None:
        notice = store(make_hook(talking(), text="{{ 1 / (data.zero|int) }}"), {})
        tell(notice)
        assert notice.status == "parked"
        rest = "shop: 0 messages and 0 calls, and the rest of 1 notifications,"
        assert run("permabots_retry", "--dry-run") == f"{rest} could be tried again.\n"
        assert run("permabots_retry") == f"{rest} will be tried again.\n"
        assert Notification.objects.get().status == "pending"
        assert ("permabots.fan_out", (notice.pk,)) in woken

    def test_a_dry_run_counts_and_changes_nothing(self) -> None:
        bot = talking()
        make_message(bot, "parked")
        delivery(bot, "K")
        said = run("permabots_retry", "--dry-run")
        assert said == "shop: 1 messages and 1 calls could be tried again.\n"
        assert pending() == (0, 0)

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_a_run_says_what_it_leaves_and_a_dry_run_says_the_same(self, dry_run: bool) -> None:
        bot = talking()
        make_message(bot, "parked")
        delivery(bot, "K")
        with at_large():
            change(bot.integration("telegram"), {}, enabled=False)
        said = run("permabots_retry", *["--dry-run"] * dry_run)
        first, second, last = said.splitlines()
        assert first == "shop, 1 messages: their account was removed, replaced or disabled."
        assert second.endswith("The bot has no account that is enabled.")
        assert last == f"shop: 0 messages and 0 calls {'could' if dry_run else 'will'} be tried again."

    def test_named_bots_alone(self) -> None:
        for name in ("one", "other"):
            make_message(talking(name), "parked")
        run("permabots_retry", "other")
        assert InboundMessage.objects.unfinished().get().conversation.bot.name == "other"
        with pytest.raises(CommandError, match="'nobody'"):
            run("permabots_retry", "nobody")

    def test_one_provider_alone(self) -> None:
        bot = talking()
        make_message(bot, "parked")
        delivery(bot, "K")
        run("permabots_retry", "--provider", "kik")
        assert pending() == (0, 0)
        run("permabots_retry", "--provider", "telegram")
        assert pending() == (1, 1)

    def test_of_a_notification_to_two_messengers_the_calls_to_the_named_one_alone(self) -> None:
        bot = talking()
        make_account(bot, "kik")
        hook = make_hook(bot)
        for slug, names in (("telegram", {"chat_id": "7"}), ("kik", {"chat_id": "c", "user_id": "joe"})):
            hook.recipients.create(provider=slug, name=slug, **names)
        notice = store(hook, {})
        nobody = {f"{slug}_API_URL": "http://127.0.0.1:9" for slug in ("TELEGRAM", "KIK")}
        with override_settings(PERMABOTS={**getattr(settings, "PERMABOTS", {}), **nobody, "SEND_ATTEMPTS": 1}):
            for woken in notifications.fan_out(notice.pk):
                draining.drain(woken.conversation_id, woken.provider)
        assert set(notice.outbound.values_list("status", flat=True)) == {"parked"}
        assert run("permabots_retry", "--provider", "kik") == "shop: 0 messages and 1 calls will be tried again.\n"
        assert OutboundMessage.objects.unfinished().get().conversation.provider == "kik"

    @pytest.mark.parametrize(("option", "value"), [("--provider", "kick"), ("--hook", "NONE")])
    def test_a_provider_or_a_hook_that_does_not_exist_is_refused(self, option: str, value: str) -> None:
        talking()
        with pytest.raises(CommandError, match=value):
            run("permabots_retry", option, value)

    def test_one_hook_alone(self) -> None:
        bot = talking()
        make_message(bot, "parked")
        delivery(bot, "ONE")
        wanted = delivery(bot, "OTHER")
        run("permabots_retry", "--hook", "OTHER")
        assert OutboundMessage.objects.unfinished().get() == wanted
        assert pending() == (0, 1)

    @pytest.mark.parametrize(("ago", "found"), [(1, 1), (5, 2)])
    def test_since_a_day_or_a_moment(self, ago: int, found: int) -> None:
        bot = talking()
        old = make_message(bot, "parked")
        InboundMessage.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=3))
        make_message(bot, "parked")
        since = timezone.now() - timedelta(days=ago)
        assert f"{found} messages" in run("permabots_retry", "--dry-run", "--since", f"{since:%Y-%m-%d}")
        assert f"{found} messages" in run("permabots_retry", "--dry-run", "--since", since.isoformat())

    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-20T99:00"])
    def test_what_is_no_time_is_refused(self, text: str) -> None:
        with pytest.raises(CommandError, match=text):
            run("permabots_retry", "--since", text)

    def test_an_account_that_is_disabled_is_left_alone_and_its_deliveries_are_named(self) -> None:
        bot = talking()
        make_message(bot, "parked")
        call = delivery(bot, "K")
        TelegramBot.objects.update(enabled=False)
        said = run("permabots_retry")
        assert f"notification {call.notification_id}: The bot has no account that is enabled." in said
        assert pending() == (0, 0)


class TestStatus:
    def test_nothing_to_tell(self) -> None:
        talking()
        assert run("permabots_status") == "Nothing waits, and nothing failed or was given up.\n"

    def test_rows_are_shown_by_bot_and_provider(self) -> None:
        bot = talking()
        make_message(bot, "parked")
        say(bot)
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
            row.sync_webhook()
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
        bot = talking()
        say(bot)
        make_telegram(make_bot(name="other"), enabled=False)
        said = json.loads(run("permabots_status", "--json"))
        (row,) = said["rows"]
        assert row.pop("seconds") >= 0
        known = {"kind": "inbound", "provider": "telegram", "status": "pending", "rows": 1, "bot": "shop"}
        assert row == {**known, "unreadable": 0}
        (account,) = said["accounts"]
        assert (account["bot"], account["trouble"]) == ("other", ["disabled"])
        assert said["oldest"] >= 0


@pytest.mark.parametrize("command", ["permabots_purge", "permabots_retry", "permabots_status"])
def test_the_page_tells_every_option(command: str) -> None:
    options = options_of(load_command_class("permabots", command)) - options_of(BaseCommand())
    assert options
    assert {option for option in options if f"``{option}" not in page("operations")} == set()
