"""Draining a conversation: turns, deliveries, and who may do what when something goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone

from permabots.models import (
    Bot,
    CallbackData,
    ChatState,
    Contact,
    Conversation,
    InboundMessage,
    OutboundMessage,
    TelegramBot,
)
from permabots.pipeline import cached, conversation, inbox
from permabots.testing import Fault, FaultKind, TelegramServer, UserApiServer, callback_update, text_update
from tests.factories import make_bot, make_conversation, make_handler, make_inbound
from tests.pipeline.test_integrations import TOKEN, attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def bot(telegram: TelegramServer) -> Bot:
    bot = make_bot()
    attach(bot)
    return Bot.objects.get(pk=bot.pk)


def arrive(bot: Bot, *updates: dict[str, Any]) -> Conversation:
    """Have updates come in; returns the conversation of the last."""
    row = Bot.objects.get(pk=bot.pk).telegram_bot
    assert row is not None
    door = cached.find_door("telegram", row.pk)
    assert door is not None
    for update in updates:
        (pk,) = inbox.receive(door, inbox.parse(door, update))
    return Conversation.objects.get(pk=pk)


def say(bot: Bot, text: str, update_id: int = 1, chat: int = 7, **fields: Any) -> Conversation:
    return arrive(bot, text_update(update_id, chat, text, message_id=1000 + update_id, **fields))


def drain(talk: Conversation) -> float | None:
    return conversation.drain(talk.pk, "telegram")


def statuses(model: Any) -> list[str]:
    return list(model.objects.order_by("id").values_list("status", flat=True))


def test_a_message_is_answered_and_everything_is_finished(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^hello$", "Hi from {{ service }}")
    talk = say(bot, "hello")
    assert drain(talk) is None
    assert telegram.texts(7) == ["Hi from telegram"]
    talk.refresh_from_db()
    assert (talk.owner, talk.until) == (None, None)
    assert (statuses(InboundMessage), statuses(OutboundMessage)) == (["done"], ["sent"])
    sent = OutboundMessage.objects.get()
    assert sent.provider_message_id == str(telegram.messages(7)[0]["message_id"])
    assert (sent.attempts, sent.sent_at is not None) == (1, True)


def test_a_message_that_nothing_fits_is_done_and_its_trace_says_why(bot: Bot, telegram: TelegramServer) -> None:
    handler = make_handler(bot, "^hello$")
    drain(say(bot, "good bye"))
    row = InboundMessage.objects.get()
    assert (row.status, row.trace.get("handler")) == ("done", None)
    assert row.trace["rejected"] == [{"id": str(handler.pk), "name": "handler", "reason": "pattern"}]
    assert telegram.sent() == []


def test_the_state_moves_and_contexts_are_kept(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, r"^go (?P<n>\d+)$", "went", target_state="Main Menu")
    make_handler(bot, "^more$", "{{ state_context._start.pattern.n }}", source_states=["Main Menu"], target_state="b")
    drain(say(bot, "go 5", 1))
    state = ChatState.objects.get()
    assert (state.state.name, state.contexts) == ("Main Menu", {"_start": {"pattern": {"n": "5"}, "response": {}}})
    drain(say(bot, "more", 2))
    state = ChatState.objects.get()
    assert (state.state.name, sorted(state.contexts)) == ("b", ["_start", "main_menu"])
    assert telegram.texts(7) == ["went", "5"]


def test_messages_are_answered_in_the_providers_order(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, r"^(?P<n>\d)$", "{{ pattern.n }}")
    for update_id in (3, 1, 2):
        talk = say(bot, str(update_id), update_id)
    drain(talk)
    assert telegram.texts(7) == ["1", "2", "3"]


def test_a_message_that_arrives_late_is_answered_and_says_so(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, r"^(?P<n>\d)$", "{{ pattern.n }}")
    drain(say(bot, "2", 2))
    drain(say(bot, "1", 1))
    assert telegram.texts(7) == ["2", "1"]
    assert "late" in InboundMessage.objects.get(number=1).trace
    assert "late" not in InboundMessage.objects.get(number=2).trace


def test_somebody_elses_conversation_is_left_alone(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    Conversation.objects.take(talk.pk, uuid4(), 60)
    assert drain(talk) is None
    assert statuses(InboundMessage) == ["pending"]


def test_a_dead_workers_conversation_is_taken_over(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    Conversation.objects.take(talk.pk, uuid4(), -1)
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_a_row_that_a_dead_worker_started_is_sent_again_and_logged(
    bot: Bot, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    with patch("permabots.pipeline.outbox.deliver", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        drain(talk)
    assert statuses(OutboundMessage) == ["started"]
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert OutboundMessage.objects.get().attempts == 2
    assert "possible double" in caplog.text


def test_a_late_holder_writes_nothing_of_its_turn(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="moved")
    talk = say(bot, "hello")

    def overtaken(*_: Any, **__: Any) -> list[Any]:
        Conversation.objects.filter(pk=talk.pk).update(owner=uuid4(), until=Now() + timedelta(seconds=60))
        return []

    with patch("permabots.providers.telegram.provider.Telegram.acknowledge", overtaken):
        assert drain(talk) is None
    assert statuses(InboundMessage) == ["pending"]
    assert not OutboundMessage.objects.exists()
    assert not ChatState.objects.exists()
    talk.refresh_from_db()
    assert talk.owner is not None


def test_a_message_parked_by_the_operator_in_mid_turn_is_not_answered(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="moved")
    talk = say(bot, "hello")

    def parked(*_: Any, **__: Any) -> list[Any]:
        InboundMessage.objects.update(status="parked")
        return []

    with patch("permabots.providers.telegram.provider.Telegram.acknowledge", parked):
        drain(talk)
    assert telegram.sent() == []
    assert not ChatState.objects.exists()


def test_a_message_that_never_comes_to_an_end_is_parked_and_the_next_is_answered(
    bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    talk = say(bot, "hello", 1)
    InboundMessage.objects.update(attempts=3, error="MemoryError")
    say(bot, "hello", 2)
    drain(talk)
    first = InboundMessage.objects.get(number=1)
    assert first.status == "parked"
    assert first.error == "begun 3 times without coming to an end, the last time with MemoryError"
    assert telegram.texts(7) == ["Hi"]


def test_an_unforeseen_error_is_counted_and_named(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    broken = patch("permabots.providers.telegram.provider.Telegram.render", side_effect=ZeroDivisionError)
    with broken, pytest.raises(ZeroDivisionError):
        drain(talk)
    row = InboundMessage.objects.get()
    assert (row.status, row.attempts, row.error) == ("pending", 1, "ZeroDivisionError")
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert InboundMessage.objects.get().error == ""


def test_a_database_error_ends_the_drain_and_gives_the_lease_back(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT INTO") and "outbound" in sql:
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        drain(talk)
    talk.refresh_from_db()
    assert talk.owner is None
    assert statuses(InboundMessage) == ["pending"]
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_a_message_that_comes_while_the_lease_is_given_back_is_seen(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello", 1)
    release = Conversation.objects.get_queryset().release
    arrived: list[bool] = []

    def late(self: Any, *arguments: Any) -> Any:
        if not arrived:
            arrived.append(True)
            say(bot, "hello", 2)
        return release(*arguments)

    with patch("permabots.models.conversation.ConversationQuerySet.release", late):
        drain(talk)
    assert telegram.texts(7) == ["Hi", "Hi"]


def test_a_drain_gives_way_after_its_budget(bot: Bot, telegram: TelegramServer, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "DRAIN_TURNS": 2}
    make_handler(bot)
    for update_id in range(1, 6):
        talk = say(bot, "hello", update_id)
    assert drain(talk) == 0.0
    assert statuses(InboundMessage) == ["done", "done", "pending", "pending", "pending"]


def test_too_many_requests_holds_the_chat_until_the_time_is_over(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=1, count=1, enforce=True))
    talk = say(bot, "hello", 1)
    assert drain(talk) == 1.0
    assert statuses(OutboundMessage) == ["pending", "pending"]
    say(bot, "hello", 2)
    assert drain(talk) is None
    assert telegram.sent() == []
    Conversation.objects.update(due=Now())
    telegram.clear_faults()
    drain(talk)
    assert telegram.texts(7) == ["one", "two", "one", "two"]


def test_too_many_requests_in_a_group_holds_everybody_in_it(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=30, count=1))
    ann = say(bot, "hello", 1, chat=-100, user=1)
    bob = say(bot, "hello", 2, chat=-100, user=2)
    assert drain(ann) == 30.0
    assert drain(bob) is None
    assert telegram.sent() == []


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.CLOSE])
def test_a_send_that_failed_is_tried_again_later(bot: Bot, telegram: TelegramServer, kind: FaultKind) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(kind, method="sendMessage", count=1))
    talk = say(bot, "hello")
    assert drain(talk) == 1.0
    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts) == ("pending", 1)
    assert row.error
    Conversation.objects.update(due=None)
    drain(talk)
    assert telegram.texts(7) == ["Hi"]


def test_the_pauses_between_tries_grow(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage"))
    talk = say(bot, "hello")
    waits = []
    for _ in range(4):
        waits.append(drain(talk))
        Conversation.objects.update(due=None)
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_a_message_that_fails_for_ever_is_parked_and_the_next_goes_out(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "SEND_ATTEMPTS": 2}
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=2))
    talk = say(bot, "hello", 1)
    drain(talk)
    say(bot, "hello", 2)
    Conversation.objects.update(due=None)
    drain(talk)
    assert statuses(OutboundMessage) == ["parked", "sent"]
    assert "(attempt 2" in OutboundMessage.objects.first().error  # type: ignore[union-attr]


def test_a_recipient_who_blocked_the_bot_is_parked_with_the_reason(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    drain(say(bot, "hello", chat=403403))
    assert statuses(OutboundMessage) == ["parked", "parked"]
    assert OutboundMessage.objects.first().error == (  # type: ignore[union-attr]
        "RecipientGone: Forbidden: bot was blocked by the user"
    )


def test_a_revoked_token_is_told_to_the_operator(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.revoke(TOKEN)
    drain(say(bot, "hello"))
    assert statuses(OutboundMessage) == ["parked"]
    row = TelegramBot.objects.get()
    assert row.last_error
    assert row.last_error_at is not None
    assert TOKEN.split(":")[1] not in row.last_error + OutboundMessage.objects.get().error


def test_a_disabled_account_answers_nothing_that_waited(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    TelegramBot.objects.update(enabled=False)
    drain(talk)
    assert InboundMessage.objects.get().status == "skipped"
    assert telegram.sent() == []


def test_an_account_disabled_before_its_answer_left_sends_nothing(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
    talk = say(bot, "hello")
    drain(talk)
    TelegramBot.objects.update(enabled=False)
    Conversation.objects.update(due=None)
    drain(talk)
    assert statuses(OutboundMessage) == ["skipped"]
    assert telegram.sent() == []


def test_a_message_of_another_account_is_parked(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = make_conversation(bot)
    make_inbound(talk, 1, integration_id=uuid4())
    drain(talk)
    row = InboundMessage.objects.get()
    assert (row.status, row.error) == ("parked", "its integration was removed or replaced")


def test_a_press_is_acknowledged_before_it_is_answered(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^size:l$", "Large it is")
    talk = arrive(bot, callback_update(1, 7, "size:l", message_id=5, callback_id="99"))
    calls = len(telegram.calls())
    drain(talk)
    assert [call.method for call in telegram.calls(calls)] == ["answerCallbackQuery", "sendMessage"]
    assert statuses(OutboundMessage) == ["skipped", "sent"], "the stand-in knows no such press: nobody misses it"


def test_a_press_that_nothing_fits_is_acknowledged_too(bot: Bot, telegram: TelegramServer) -> None:
    calls = len(telegram.calls())
    drain(arrive(bot, callback_update(1, 7, "size:l", message_id=5, callback_id="99")))
    assert [call.method for call in telegram.calls(calls)] == ["answerCallbackQuery"]


def test_button_data_longer_than_telegram_takes_comes_back_whole(bot: Bot, telegram: TelegramServer) -> None:
    long = "order " + "x" * 100
    make_handler(bot, "^hello$", "Pick", keyboard=f"[[('this', '{long}')]]")
    make_handler(bot, "^order (?P<what>x+)$", "{{ pattern.what|length }} {{ message.callback_query.data|length }}")
    talk = say(bot, "hello")
    drain(talk)
    wire = telegram.keyboard(TOKEN, 7)["markup"]["inline_keyboard"][0][0]["callback_data"]
    assert len(wire.encode()) <= 64
    assert CallbackData.objects.get().data == long
    arrive(bot, callback_update(2, 7, wire, message_id=5, callback_id="99"))
    drain(talk)
    assert telegram.texts(7) == ["Pick", "100 106"]


def test_a_person_is_remembered_and_refreshed(bot: Bot, telegram: TelegramServer) -> None:
    drain(say(bot, "x", 1, user={"id": 7, "is_bot": False, "first_name": "Ann"}))
    drain(say(bot, "x", 2, user={"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna"}))
    contact = Contact.objects.get(external_id="7")
    assert (contact.first_name, contact.username) == ("Anna", "anna")
    assert Conversation.objects.get().contact == contact


def test_a_group_that_became_a_supergroup_is_followed(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="here")
    telegram.add_fault(Fault(FaultKind.MIGRATED, chat_id=-100, migrate_to_chat_id=-1001998877665))
    talk = say(bot, "hello", chat=-100, user=1)
    assert drain(talk) == 0.0
    assert drain(talk) is None
    talk.refresh_from_db()
    assert talk.chat_id == "-1001998877665"
    assert telegram.texts(-1001998877665) == ["Hi"]
    assert talk.chat_state.state.name == "here"


def test_an_answer_quotes_the_message_unless_the_setting_says_no(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    make_handler(bot)
    drain(say(bot, "hello", 1))
    settings.PERMABOTS = {**settings.PERMABOTS, "QUOTE_INCOMING": False}
    drain(say(bot, "hello", 2))
    quoted = [
        row.payload["body"].get("reply_parameters", {}).get("message_id") for row in OutboundMessage.objects.all()
    ]
    assert quoted == [1001, None]


def test_the_users_api_is_called_with_a_key_that_stays_the_same_for_a_message(
    bot: Bot, telegram: TelegramServer, user_api: UserApiServer
) -> None:
    make_handler(bot, request={"url_template": f"{user_api.base}/list"})
    talk = say(bot, "hello")
    broken = patch("permabots.providers.telegram.provider.Telegram.render", side_effect=ZeroDivisionError)
    with broken, pytest.raises(ZeroDivisionError):
        drain(talk)
    drain(talk)
    first, second = (request.headers["idempotency-key"] for request in user_api.requests)
    assert first == second
    assert str(bot.telegram_bot.pk) in first  # type: ignore[union-attr]


def test_a_change_of_the_configuration_is_seen_by_the_next_message(bot: Bot, telegram: TelegramServer) -> None:
    handler = make_handler(bot, text="old")
    drain(say(bot, "hello", 1))
    handler.response.text_template = "new"
    handler.response.save()
    drain(say(bot, "hello", 2))
    assert telegram.texts(7) == ["old", "new"]


def test_code_can_send_a_message_by_itself(bot: Bot, telegram: TelegramServer) -> None:
    row = bot.telegram_bot
    assert row is not None
    stored = row.send_message(7, "Good morning\\nAnn", [["a", "b"]])
    talk = Conversation.objects.get()
    drain(talk)
    assert telegram.texts(7) == ["Good morning", "Ann"]
    assert len(stored) == 2
    assert (talk.chat_id, talk.user_id) == ("7", "7")


def test_no_transaction_is_open_while_the_outside_world_is_called(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    seen: list[bool] = []
    send = "permabots.providers.telegram.client.TelegramClient.send"
    real = __import__("permabots.providers.telegram.client", fromlist=["x"]).TelegramClient.send

    def watched(self: Any, *arguments: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return real(self, *arguments)

    with patch(send, watched):
        drain(say(bot, "hello"))
    assert seen == [False]


def test_nothing_is_sent_while_an_account_is_paused(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, text="one\\ntwo")
    TelegramBot.objects.update(paused_until=timezone.now() + timedelta(seconds=20))
    talk = say(bot, "hello")
    wait = drain(talk)
    assert wait is not None
    assert 15 < wait <= 20
    assert statuses(OutboundMessage) == ["pending", "pending"]
    TelegramBot.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    Conversation.objects.update(due=None)
    drain(talk)
    assert telegram.texts(7) == ["one", "two"]


def test_a_send_whose_answer_got_lost_is_made_again_and_the_row_says_that_it_may_be_a_double(
    bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    telegram.add_fault(Fault(FaultKind.CLOSE, method="sendMessage", count=1, accept=True))
    talk = say(bot, "hello")
    drain(talk)
    assert "it may have been delivered" in OutboundMessage.objects.get().error
    Conversation.objects.update(due=None)
    drain(talk)
    assert telegram.texts(7) == ["Hi", "Hi"]
    assert OutboundMessage.objects.get().attempts == 2


def test_sent_is_written_even_if_the_database_was_away_for_a_moment(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    failures = iter([True, True])

    def away(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "outbound" in sql and "sent" in params and next(failures, False):
            raise OperationalError("gone")
        return execute(sql, params, *rest)

    with connection.execute_wrapper(away), patch.object(connection, "close"):
        drain(talk)
    assert statuses(OutboundMessage) == ["sent"]
    assert telegram.texts(7) == ["Hi"]
