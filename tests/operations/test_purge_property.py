"""No purge takes what is unfinished, whatever rows there are, in whatever statuses and of whatever age."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from permabots.models import Conversation, InboundMessage, Notification, OutboundMessage
from permabots.pipeline.operating.purge import purge
from tests.factories import make_conversation, make_inbound, make_outbound
from tests.operations.test_purge import CUTOFF, aged

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
    """The rows are made as they are drawn: workers would bring most of these mixtures about in years only."""

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
            notice = Notification.objects.create(bot=talk.bot, status=status, data={})
            self.surround(talk, notice, {"notification": notice}, old, calls)
        before = unfinished()
        purge(CUTOFF, batch=batch, parked=parked)
        assert unfinished() == before

    def surround(self, talk: Conversation, row: Any, group: dict[str, Any], old: bool, calls: list[str]) -> None:
        if old:
            aged(row)
        for part, status in enumerate(calls):
            make_outbound(talk, part=part, status=status, **group)
