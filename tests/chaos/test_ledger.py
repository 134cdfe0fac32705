"""What rows alone say of the promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from permabots.models import Conversation, InboundMessage, Notification, OutboundMessage, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks import notifications
from tests.chaos.accounting.ledger import Ledger, ledger_lines, read_ledger
from tests.factories import make_conversation, make_inbound, make_outbound

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

GRACE = timedelta(seconds=60)


@pytest.fixture
def conversation() -> Conversation:
    return make_conversation()


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def came(conversation: Conversation, number: int, seconds: float = 600, **values: Any) -> InboundMessage:
    """A message that came in so long ago."""
    row = make_inbound(conversation, number, **values)
    InboundMessage.objects.filter(pk=row.pk).update(received_at=ago(seconds))
    return row


def done(conversation: Conversation, number: int, seconds: float, **values: Any) -> InboundMessage:
    """A message that was answered so long ago."""
    return came(conversation, number, status="done", handled_at=ago(seconds), **values)


def sent(message: InboundMessage, seconds: float, **values: Any) -> OutboundMessage:
    """An answer that was sent so long ago."""
    values = {"status": "sent", "attempts": 1, "sent_at": ago(seconds), **values}
    return make_outbound(message.conversation, inbound=message, **values)


def ledger_of(conversation: Conversation, minutes: float = 60) -> Ledger:
    return read_ledger([conversation.bot], timedelta(minutes=minutes), GRACE)


def test_messages_and_answers_are_counted_by_status(conversation: Conversation) -> None:
    sent(done(conversation, 1, 30), 29)
    came(conversation, 2, status="parked")
    ledger = ledger_of(conversation)
    assert ledger.accepted == {"done": 1, "parked": 1}
    assert ledger.answers == {"sent": 1}
    assert ledger.holds


def test_what_came_before_is_left_out(conversation: Conversation) -> None:
    came(conversation, 1, 600)
    assert ledger_of(conversation, minutes=5).accepted.total() == 0


def posted(conversation: Conversation, seconds: float) -> Notification:
    """Something that was posted to a hook of the bot so long ago."""
    bot = conversation.bot
    hook = bot.hooks.first() or create_hook(bot, {"name": "news", "response": {"text_template": "news"}})
    Recipient.objects.get_or_create(hook=hook, provider="telegram", chat_id=conversation.chat_id, name="Ann")
    row = notifications.store(hook, {})
    Notification.objects.filter(pk=row.pk).update(created_at=ago(seconds))
    return row


def test_posts_and_whom_they_tell_are_counted_by_status(conversation: Conversation) -> None:
    row = posted(conversation, 5)
    notifications.fan_out(row.pk)
    ledger = ledger_of(conversation)
    assert (ledger.posts, ledger.news) == ({"done": 1}, {"pending": 1})
    assert ledger.holds
    assert "posts to hooks accepted" in "\n".join(ledger_lines(ledger))


def test_an_old_post_that_nobody_tells_is_overdue_and_the_one_behind_it_is_not(conversation: Conversation) -> None:
    first, _ = posted(conversation, 200), posted(conversation, 100)
    (overdue,) = ledger_of(conversation).overdue
    assert overdue.startswith(f"notification {first.pk}, there since ")


def test_an_old_call_that_tells_a_post_is_overdue(conversation: Conversation) -> None:
    notifications.fan_out(posted(conversation, 300).pk)
    OutboundMessage.objects.update(created_at=ago(200))
    (overdue,) = ledger_of(conversation).overdue
    assert overdue.startswith("answer ")


def test_other_bots_are_left_out(conversation: Conversation) -> None:
    came(make_conversation(chat_id="8"), 1)
    assert ledger_of(conversation).accepted.total() == 0


def test_an_old_unfinished_message_is_overdue(conversation: Conversation) -> None:
    row = came(conversation, 1, 120)
    assert ledger_of(conversation).overdue[0].startswith(f"message {row.pk}, there since ")
    assert not ledger_of(conversation).holds


def test_a_young_unfinished_message_is_not(conversation: Conversation) -> None:
    came(conversation, 1, 5)
    assert ledger_of(conversation).holds


def test_an_old_unsent_answer_is_overdue(conversation: Conversation) -> None:
    row = make_outbound(conversation, inbound=done(conversation, 1, 500))
    OutboundMessage.objects.update(created_at=ago(500))
    assert ledger_of(conversation).overdue[0].startswith(f"answer {row.pk}, there since ")


def test_what_a_provider_told_to_wait_is_held_and_not_overdue(conversation: Conversation) -> None:
    came(conversation, 1, 120)
    Conversation.objects.update(not_before=timezone.now() + timedelta(seconds=30))
    ledger = ledger_of(conversation)
    assert ledger.holds
    assert ledger.held == 1


def test_a_message_answered_after_a_later_one_is_out_of_order(conversation: Conversation) -> None:
    first = done(conversation, 1, 10)
    done(conversation, 2, 20)
    assert ledger_of(conversation).disordered == [f"message {first.pk} was answered after a later one"]


def test_a_message_that_came_too_late_is_not(conversation: Conversation) -> None:
    done(conversation, 1, 10, trace={"late": "a later message was answered before this one arrived"})
    done(conversation, 2, 20, trace={})
    ledger = ledger_of(conversation)
    assert ledger.holds
    assert ledger.late == 1


def test_each_conversation_has_an_order_of_its_own(conversation: Conversation) -> None:
    done(make_conversation(conversation.bot, "8"), 1, 10)
    done(conversation, 2, 20)
    assert ledger_of(conversation).holds


def test_answers_sent_in_another_order_are_out_of_order(conversation: Conversation) -> None:
    sent(done(conversation, 1, 30), 10)
    second = sent(done(conversation, 2, 25), 20)
    assert ledger_of(conversation).disordered == [f"answer {second.pk} was sent before one that it follows"]


def test_parts_sent_in_another_order_are_out_of_order(conversation: Conversation) -> None:
    message = done(conversation, 1, 30)
    sent(message, 10, part=0)
    second = sent(message, 20, part=1)
    assert ledger_of(conversation).disordered == [f"answer {second.pk} was sent before one that it follows"]


def test_an_answer_that_was_tried_again_may_be_late(conversation: Conversation) -> None:
    again = sent(done(conversation, 1, 30), 10, attempts=9)
    sent(done(conversation, 2, 25), 20)
    ledger = ledger_of(conversation)
    assert ledger.holds
    assert ledger.doubles == [(again.pk, 9, "sent")]


def test_the_lines_show_counts_and_examples(conversation: Conversation) -> None:
    came(conversation, 1, 120)
    row = sent(done(conversation, 2, 20), 19, attempts=2)
    text = "\n".join(ledger_lines(ledger_of(conversation)))
    assert f"answer {row.pk}: 2 attempts, sent" in text
    assert "there since" in text
