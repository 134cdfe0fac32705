"""``permabots_purge``: old finished rows go, in batches; nothing unfinished ever does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from permabots.models import CallbackData, Conversation, InboundMessage, Notification, OutboundMessage
from permabots.pipeline import purge as purging
from permabots.pipeline.purge import Purged, purge
from tests.factories import make_conversation, make_inbound, make_outbound
from tests.test_commands import run

NOW = timezone.now()
OLD = NOW - timedelta(days=100)
CUTOFF = NOW - timedelta(days=90)


def aged(row: Any, when: Any = OLD) -> Any:
    """Date a row back: its columns of time set themselves when it is made."""
    column = "received_at" if isinstance(row, InboundMessage) else "created_at"
    type(row).objects.filter(pk=row.pk).update(**{column: when})
    return row


def make_notification(talk: Conversation, status: str = "done") -> Notification:
    return Notification.objects.create(bot=talk.bot, status=status, data={})


def left(model: Any) -> int:
    return int(model.objects.count())


@pytest.mark.django_db
@pytest.mark.sqlite
class TestPurge:
    @pytest.mark.parametrize("status", ["done", "ignored", "skipped"])
    def test_what_is_finished_and_old_goes_with_its_answer(self, status: str) -> None:
        talk = make_conversation()
        inbound = aged(make_inbound(talk, 1, status=status))
        make_outbound(talk, inbound=inbound, status="sent")
        make_outbound(talk, inbound=inbound, part=1, status="skipped")
        assert purge(CUTOFF) == Purged(inbound=1, outbound=2)
        assert (left(InboundMessage), left(OutboundMessage)) == (0, 0)

    def test_what_is_younger_stays(self) -> None:
        make_inbound(make_conversation(), 1, status="done")
        assert purge(CUTOFF) == Purged()
        assert left(InboundMessage) == 1

    def test_what_waits_stays_however_old(self) -> None:
        aged(make_inbound(make_conversation(), 1))
        assert purge(CUTOFF, parked=True) == Purged()
        assert left(InboundMessage) == 1

    @pytest.mark.parametrize("status", ["pending", "started", "parked"])
    def test_one_unfinished_call_keeps_the_whole_answer_and_its_message(self, status: str) -> None:
        talk = make_conversation()
        inbound = aged(make_inbound(talk, 1, status="done"))
        make_outbound(talk, inbound=inbound, status="sent")
        make_outbound(talk, inbound=inbound, part=1, status=status)
        assert purge(CUTOFF) == Purged()
        assert (left(InboundMessage), left(OutboundMessage)) == (1, 2)

    def test_what_was_given_up_goes_only_when_it_is_asked_for(self) -> None:
        talk = make_conversation()
        aged(make_inbound(talk, 1, status="parked"))
        make_outbound(talk, inbound=aged(make_inbound(talk, 2, status="done")), status="parked")
        make_outbound(talk, notification=aged(make_notification(talk, "parked")), status="parked")
        assert purge(CUTOFF) == Purged()
        assert purge(CUTOFF, parked=True) == Purged(inbound=2, outbound=2, notifications=1)

    def test_a_notification_goes_when_all_its_calls_are_finished(self) -> None:
        talk = make_conversation()
        for place, status in enumerate(["sent", "pending"]):
            make_outbound(talk, notification=aged(make_notification(talk)), part=place, status=status)
        aged(make_notification(talk, "pending"))
        assert purge(CUTOFF) == Purged(outbound=1, notifications=1)
        assert OutboundMessage.objects.get().status == "pending"

    def test_states_people_and_buttons_stay(self) -> None:
        talk = make_conversation()
        CallbackData.objects.create(bot=talk.bot, token="t", data="x" * 100)
        aged(make_inbound(talk, 1, status="done"))
        purge(CUTOFF)
        assert (left(Conversation), left(CallbackData)) == (1, 1)

    def test_every_batch_is_visited_beyond_rows_that_stay(self) -> None:
        talk = make_conversation()
        for number in range(7):
            aged(make_inbound(talk, number, status="pending" if number in {0, 1, 4} else "done"))
        make_inbound(talk, 7, status="done")
        assert purge(CUTOFF, batch=2) == Purged(inbound=4)
        assert set(InboundMessage.objects.values_list("number", flat=True)) == {0, 1, 4, 7}

    def test_a_dry_run_counts_the_same_and_deletes_nothing(self) -> None:
        talk = make_conversation()
        make_outbound(talk, inbound=aged(make_inbound(talk, 1, status="done")), status="sent")
        aged(make_notification(talk))
        wanted = Purged(inbound=1, outbound=1, notifications=1)
        assert purge(CUTOFF, dry_run=True) == wanted
        assert left(InboundMessage) == 1
        assert purge(CUTOFF) == wanted

    def test_a_call_that_is_put_back_between_choosing_and_deleting_stays(self, monkeypatch: Any) -> None:
        talk = make_conversation()
        inbound = aged(make_inbound(talk, 1, status="done"))
        call = make_outbound(talk, inbound=inbound, status="skipped")
        delete = purging._delete

        def put_back_first(rows: Any) -> int:
            OutboundMessage.objects.filter(pk=call.pk).update(status="pending")
            return delete(rows)

        monkeypatch.setattr(purging, "_delete", put_back_first)
        assert purge(CUTOFF) == Purged()
        assert (left(InboundMessage), left(OutboundMessage)) == (1, 1)


INBOUND = st.sampled_from(InboundMessage.Status.values)
NOTICES = st.sampled_from(Notification.Status.values)
CALLS = st.lists(st.sampled_from(OutboundMessage.Status.values), max_size=3)


def unfinished() -> set[tuple[str, int]]:
    """Name every row that somebody still has to do something with, and the message that each such call belongs to."""
    calls = OutboundMessage.objects.unfinished()
    return {
        *(("in", pk) for pk in InboundMessage.objects.unfinished().values_list("pk", flat=True)),
        *(("notice", pk) for pk in Notification.objects.unfinished().values_list("pk", flat=True)),
        *(("out", pk) for pk in calls.values_list("pk", flat=True)),
        *(("in", pk) for pk in calls.values_list("inbound", flat=True) if pk),
        *(("notice", pk) for pk in calls.values_list("notification", flat=True) if pk),
    }


class PurgeProperty(TestCase):
    """Whatever rows there are, in whatever statuses and of whatever age."""

    @hypothesis_settings(max_examples=40)
    @given(
        messages=st.lists(st.tuples(INBOUND, st.booleans(), CALLS), max_size=5),
        notices=st.lists(st.tuples(NOTICES, st.booleans(), CALLS), max_size=4),
        batch=st.integers(1, 4),
        parked=st.booleans(),
    )
    def test_nothing_unfinished_is_gone(self, messages: Any, notices: Any, batch: int, parked: bool) -> None:
        talk = make_conversation()
        for number, (status, old, calls) in enumerate(messages):
            row = make_inbound(talk, number, status=status)
            self.surround(talk, row, {"inbound": row}, old, calls)
        for status, old, calls in notices:
            notice = make_notification(talk, status)
            self.surround(talk, notice, {"notification": notice}, old, calls)
        before = unfinished()
        purge(CUTOFF, batch=batch, parked=parked)
        assert unfinished() == before

    def surround(self, talk: Conversation, row: Any, group: dict[str, Any], old: bool, calls: list[str]) -> None:
        if old:
            aged(row)
        for part, status in enumerate(calls):
            make_outbound(talk, part=part, status=status, **group)


@pytest.mark.django_db
@pytest.mark.sqlite
class TestCommand:
    def test_it_says_what_it_deleted(self) -> None:
        aged(make_inbound(make_conversation(), 1, status="done"))
        said = run("permabots_purge", days=90)
        first, second, _ = said.split("\n")
        assert first == "Deleted 1 incoming messages, 0 outgoing messages and 0 notifications older than 90 days."
        assert second.startswith("Deleted the data of 0 buttons and 0 people")

    def test_the_setting_says_how_old(self, settings: Any) -> None:
        settings.PERMABOTS = {"RETENTION_DAYS": 200}
        aged(make_inbound(make_conversation(), 1, status="done"))
        assert "Would delete 0 incoming" in run("permabots_purge", "--dry-run")
        settings.PERMABOTS = {"RETENTION_DAYS": 99}
        assert "Would delete 1 incoming" in run("permabots_purge", "--dry-run")

    @pytest.mark.parametrize(
        ("options", "said"), [({"days": 1}, "At least 2 days"), ({"batch": 0}, "at least one row")]
    )
    def test_what_would_do_harm_is_refused(self, options: dict[str, int], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            call_command("permabots_purge", **options)
