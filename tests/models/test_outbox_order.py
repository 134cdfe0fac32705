"""The order in which a conversation's unfinished rows leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from permabots.models import Conversation, Notification, OutboundMessage
from tests.factories import make_bot, make_conversation, make_inbound, make_outbound

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def _order(conversation: Conversation) -> list[OutboundMessage]:
    return list(OutboundMessage.objects.unfinished().filter(conversation=conversation).in_order())


def test_parts_leave_in_order() -> None:
    talk = make_conversation()
    message = make_inbound(talk, 1)
    rows = [make_outbound(talk, inbound=message, part=part) for part in (2, 0, 1)]
    assert [row.part for row in _order(talk)] == [0, 1, 2]
    assert len(rows) == 3


def test_a_reply_leaves_before_a_broadcast() -> None:
    bot = make_bot()
    talk = make_conversation(bot)
    notice = make_outbound(talk, notification=Notification.objects.create(bot=bot))
    reply = make_outbound(talk, inbound=make_inbound(talk, 1))
    assert _order(talk) == [reply, notice]


def test_a_begun_broadcast_is_finished_before_a_reply() -> None:
    bot = make_bot()
    talk = make_conversation(bot)
    notification = Notification.objects.create(bot=bot)
    make_outbound(talk, notification=notification, part=0, status="sent", attempts=1)
    rest = make_outbound(talk, notification=notification, part=1)
    reply = make_outbound(talk, inbound=make_inbound(talk, 1))
    assert _order(talk) == [rest, reply]


def test_a_broadcast_that_was_tried_stays_in_front() -> None:
    bot = make_bot()
    talk = make_conversation(bot)
    tried = make_outbound(talk, notification=Notification.objects.create(bot=bot), attempts=1)
    reply = make_outbound(talk, inbound=make_inbound(talk, 1))
    assert _order(talk) == [tried, reply]


class TestGroups(TestCase):
    @given(
        st.lists(st.tuples(st.booleans(), st.integers(1, 3)), min_size=1, max_size=5),
        st.integers(0, 8),
    )
    def test_no_group_is_ever_interrupted(self, groups: list[tuple[bool, int]], done: int) -> None:
        """However far delivery has come, finishing rows in the given order never opens a second group."""
        bot = make_bot()
        talk = make_conversation(bot)
        for number, (is_reply, parts) in enumerate(groups):
            owner = (
                {"inbound": make_inbound(talk, number)}
                if is_reply
                else {"notification": Notification.objects.create(bot=bot)}
            )
            for part in range(parts):
                make_outbound(talk, part=part, **owner)
        order: list[tuple[int | None, int | None]] = []
        while rows := _order(talk):
            first = rows[0]
            order.append((first.inbound_id, first.notification_id))
            OutboundMessage.objects.filter(pk=first.pk).update(status="sent", attempts=1)
            if len(order) == done:
                make_outbound(talk, inbound=make_inbound(talk, 100))
        changes = [group for place, group in enumerate(order) if place == 0 or order[place - 1] != group]
        assert len(changes) == len(set(changes))
