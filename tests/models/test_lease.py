"""The lease of a conversation: who may take it, who may write under it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from permabots.models import Chat, Conversation, InboundMessage
from permabots.models.chat import ChatQuerySet
from permabots.pipeline.operating.retention import forget_chats
from tests.factories import make_bot, make_conversation, make_inbound

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_a_free_conversation_is_taken_once() -> None:
    row = make_conversation()
    assert Conversation.objects.take(row.pk, uuid4(), 60)
    assert not Conversation.objects.take(row.pk, uuid4(), 60)


def test_a_lease_that_ran_out_can_be_taken() -> None:
    row = make_conversation()
    Conversation.objects.take(row.pk, uuid4(), -1)
    assert Conversation.objects.take(row.pk, uuid4(), 60)


def test_a_conversation_that_is_not_due_is_not_taken() -> None:
    row = make_conversation()
    Chat.objects.postpone(row, 60)
    assert not Conversation.objects.take(row.pk, uuid4(), 60)


def test_a_conversation_is_taken_once_its_due_time_has_passed() -> None:
    row = make_conversation()
    Conversation.objects.update(not_before=Now() - timedelta(seconds=1))
    assert Conversation.objects.take(row.pk, uuid4(), 60)


def test_a_lease_that_ran_out_but_was_not_taken_can_be_renewed() -> None:
    row, lease_token = make_conversation(), uuid4()
    Conversation.objects.take(row.pk, lease_token, -1)
    assert Conversation.objects.renew(row.pk, lease_token, 60)


def test_a_late_holder_neither_renews_nor_releases() -> None:
    row, late, now = make_conversation(), uuid4(), uuid4()
    Conversation.objects.take(row.pk, late, -1)
    Conversation.objects.take(row.pk, now, 60)
    assert not Conversation.objects.renew(row.pk, late, 60)
    assert not Conversation.objects.release(row.pk, late)
    assert Conversation.objects.get().lease_token == now


def test_a_late_holder_writes_no_row() -> None:
    row, late = make_conversation(), uuid4()
    make_inbound(row, 1)
    Conversation.objects.take(row.pk, late, -1)
    Conversation.objects.take(row.pk, uuid4(), 60)
    assert InboundMessage.objects.all().with_lease(late).update(status="done") == 0


def test_the_holder_writes_its_rows() -> None:
    row, lease_token = make_conversation(), uuid4()
    make_inbound(row, 1)
    Conversation.objects.take(row.pk, lease_token, 60)
    assert InboundMessage.objects.all().with_lease(lease_token).update(status="done") == 1


def test_a_wait_holds_for_everybody_in_the_same_chat() -> None:
    bot = make_bot()
    ann, bob = make_conversation(bot, "-100", "1"), make_conversation(bot, "-100", "2")
    elsewhere = make_conversation(bot, "-200", "1")
    Chat.objects.postpone(ann, 60)
    assert not Conversation.objects.take(bob.pk, uuid4(), 60)
    assert Conversation.objects.take(elsewhere.pk, uuid4(), 60)


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    row = make_conversation()
    Chat.objects.postpone(row, 600)
    not_before = Chat.objects.get().not_before
    Chat.objects.postpone(row, 1)
    assert Chat.objects.get().not_before == not_before


def test_a_release_lets_the_sweep_wake_at_once() -> None:
    row, lease_token = make_conversation(), uuid4()
    Conversation.objects.update(last_woken_at=Now())
    Conversation.objects.take(row.pk, lease_token, 60)
    Conversation.objects.release(row.pk, lease_token)
    assert Conversation.objects.get().last_woken_at is None


def test_a_wait_is_kept_though_its_row_is_purged_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    add = ChatQuerySet.add

    def and_purge(rows: ChatQuerySet, row: Conversation) -> None:
        add(rows, row)
        monkeypatch.undo()
        assert forget_chats(batch=10) == 1

    monkeypatch.setattr(ChatQuerySet, "add", and_purge)
    row = make_conversation()
    Chat.objects.postpone(row, 60)
    assert not Conversation.objects.take(row.pk, uuid4(), 60)
