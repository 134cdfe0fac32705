"""``permabots_purge``: old finished rows go, in batches; nothing unfinished ever does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from permabots.models import Bot, CallbackData, Chat, Conversation, Hook, InboundMessage, OutboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import notifications
from permabots.pipeline.operating import purge as purging
from permabots.pipeline.operating.purge import Purged, purge
from permabots.pipeline.operating.retry import retry
from tests.ends import make_answer, make_delivery, make_message
from tests.factories import make_conversation, make_telegram, tell
from tests.test_commands import run

NOW = timezone.now()
OLD = NOW - timedelta(days=100)
CUTOFF = NOW - timedelta(days=90)


def aged(row: Any, when: Any = OLD) -> Any:
    """Date a row back: its columns of time set themselves when it is made."""
    column = "received_at" if isinstance(row, InboundMessage) else "created_at"
    type(row).objects.filter(pk=row.pk).update(**{column: when})
    return row


@pytest.fixture
def bot() -> Bot:
    return make_telegram().bot


@pytest.fixture
def hook(bot: Bot) -> Hook:
    return create_hook(bot, {"name": "news", "response": {"text_template": "{{ data.name }}"}})


def left(model: Any) -> int:
    return int(model.objects.count())


@pytest.mark.django_db
@pytest.mark.sqlite
class TestPurge:
    @pytest.mark.parametrize("status", ["done", "ignored", "skipped"])
    def test_what_is_finished_and_old_goes(self, bot: Bot, status: str) -> None:
        aged(make_message(bot, status))
        assert purge(CUTOFF) == Purged(inbound=1)
        assert left(InboundMessage) == 0

    def test_it_goes_with_its_answer(self, bot: Bot) -> None:
        aged(make_answer(bot, "sent", "skipped"))
        assert purge(CUTOFF) == Purged(inbound=1, outbound=2)
        assert (left(InboundMessage), left(OutboundMessage)) == (0, 0)

    def test_what_is_younger_stays(self, bot: Bot) -> None:
        make_message(bot, "done")
        assert purge(CUTOFF) == Purged()
        assert left(InboundMessage) == 1

    def test_what_waits_stays_however_old(self, bot: Bot) -> None:
        aged(make_message(bot, "pending"))
        assert purge(CUTOFF, parked=True) == Purged()
        assert left(InboundMessage) == 1

    @pytest.mark.parametrize("status", ["pending", "started", "parked"])
    def test_one_unfinished_call_keeps_the_whole_answer_and_its_message(self, bot: Bot, status: str) -> None:
        aged(make_answer(bot, "sent", status))
        assert purge(CUTOFF) == Purged()
        assert (left(InboundMessage), left(OutboundMessage)) == (1, 2)

    def test_what_was_given_up_goes_only_when_it_is_asked_for(self, bot: Bot, hook: Hook) -> None:
        aged(make_message(bot, "parked"))
        aged(make_answer(bot, "parked"))
        aged(make_delivery(hook, "parked"))
        broken = create_hook(bot, {"name": "broken", "response": {"text_template": "{{ 1 / (data.zero|int) }}"}})
        notice = aged(notifications.store(broken, {}))
        tell(notice)
        assert notice.status == "parked"
        assert purge(CUTOFF) == Purged()
        assert purge(CUTOFF, parked=True) == Purged(inbound=2, outbound=2, notifications=2)

    def test_a_notification_goes_when_all_its_calls_are_finished(self, hook: Hook) -> None:
        for status in ("sent", "pending"):
            aged(make_delivery(hook, status))
        aged(notifications.store(hook, {}))
        assert purge(CUTOFF) == Purged(outbound=1, notifications=1)
        assert OutboundMessage.objects.get().status == "pending"

    def test_states_people_and_buttons_stay(self, bot: Bot) -> None:
        CallbackData.objects.create(bot=bot, token="t", data="x" * 100)
        aged(make_message(bot, "done"))
        purge(CUTOFF)
        assert (left(Conversation), left(CallbackData)) == (1, 1)

    def test_every_batch_is_visited_beyond_rows_that_stay(self, bot: Bot) -> None:
        for number in range(1, 8):
            aged(make_message(bot, "pending" if number in {1, 2, 5} else "done", number=number, chat=number))
        make_message(bot, "done", number=8, chat=8)
        assert purge(CUTOFF, batch=2) == Purged(inbound=4)
        assert set(InboundMessage.objects.values_list("provider_sequence", flat=True)) == {1, 2, 5, 8}

    def test_a_dry_run_counts_the_same_and_deletes_nothing(self, bot: Bot, hook: Hook) -> None:
        aged(make_answer(bot, "sent"))
        aged(make_delivery(hook))
        wanted = Purged(inbound=1, outbound=1, notifications=1)
        assert purge(CUTOFF, dry_run=True) == wanted
        assert left(InboundMessage) == 1
        assert purge(CUTOFF) == wanted

    def test_a_call_that_is_put_back_between_choosing_and_deleting_stays(self, bot: Bot, monkeypatch: Any) -> None:
        inbound = aged(make_answer(bot, "skipped"))
        delete = purging._delete

        def put_back_first(rows: Any) -> int:
            if not OutboundMessage.objects.unfinished().exists():
                retry(bot, inbound)
            return delete(rows)

        monkeypatch.setattr(purging, "_delete", put_back_first)
        assert purge(CUTOFF) == Purged()
        assert (left(InboundMessage), left(OutboundMessage)) == (1, 1)


@pytest.mark.django_db
@pytest.mark.sqlite
class TestCommand:
    def test_it_says_what_it_deleted(self, bot: Bot) -> None:
        aged(make_message(bot, "done"))
        said = run("permabots_purge", days=90)
        first, second, _ = said.split("\n")
        assert first == "Deleted 1 incoming messages, 0 outgoing messages and 0 notifications older than 90 days."
        assert second.startswith("Deleted the data of 0 buttons and 0 people")

    def test_the_setting_says_how_old(self, bot: Bot, settings: Any) -> None:
        settings.PERMABOTS = {"RETENTION_DAYS": 200}
        aged(make_message(bot, "done"))
        assert "Would delete 0 incoming" in run("permabots_purge", "--dry-run")
        settings.PERMABOTS = {"RETENTION_DAYS": 99}
        assert "Would delete 1 incoming" in run("permabots_purge", "--dry-run")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"days": 1}, "At least 2 days"),
            ({"days": 10**9}, "At most 36,500 days"),
            ({"batch": 0}, "at least one row"),
        ],
    )
    def test_what_would_do_harm_is_refused(self, options: dict[str, int], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            call_command("permabots_purge", **options)


@pytest.mark.django_db
class TestChats:
    """What providers said of chats goes once it holds no more."""

    @pytest.mark.parametrize(
        ("said", "left"),
        [
            ({}, 0),
            ({"not_before": -1, "rate_tat": -1}, 0),
            ({"not_before": 60}, 1),
            ({"rate_tat": 60}, 1),
            ({"gone": -29 * 86_400}, 1),
            ({"gone": -31 * 86_400}, 0),
        ],
    )
    def test_what_holds_no_more_is_deleted(self, bot: Bot, said: dict[str, int], left: int) -> None:
        values = {name: timezone.now() + timedelta(seconds=seconds) for name, seconds in said.items()}
        Chat.objects.write(make_conversation(bot), **values)
        run("permabots_purge", days=90)
        assert Chat.objects.count() == left
