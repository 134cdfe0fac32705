"""Turns: what a message is answered, what is kept of it, and what becomes of one that cannot be answered."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from permabots.exceptions import UNFORESEEN
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
from permabots.pipeline.authoring import integrations
from permabots.testing import TelegramServer, UserApiServer, callback_update
from tests.ends import spoken
from tests.factories import make_conversation, make_handler, make_inbound
from tests.pipeline.clumsy import Clumsy
from tests.pipeline.talking import arrive, drain, say, statuses
from tests.pipeline.talking import bot as bot
from tests.pipeline.test_integrations import TOKEN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_a_message_is_answered_and_everything_is_finished(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^hello$", "Hi from {{ service }}")
    talk = say(bot, "hello")
    assert drain(talk) is None
    assert telegram.texts(7) == ["Hi from telegram"]
    talk.refresh_from_db()
    assert talk.lease_token is None
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


def test_a_late_holder_writes_nothing_of_its_turn(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="moved")
    talk = say(bot, "hello")

    def overtaken(*_: Any, **__: Any) -> list[Any]:
        Conversation.objects.filter(pk=talk.pk).update(
            lease_token=uuid4(), lease_expires_at=Now() + timedelta(seconds=60)
        )
        return []

    with patch("permabots.providers.telegram.provider.Telegram.render", overtaken):
        assert drain(talk) is None
    assert statuses(InboundMessage) == ["pending"]
    assert not OutboundMessage.objects.exists()
    assert not ChatState.objects.exists()
    talk.refresh_from_db()
    assert talk.lease_token is not None


def test_a_message_parked_with_its_account_in_mid_turn_is_not_answered(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, target_state="moved")
    talk = say(bot, "hello")

    def parked(*_: Any, **__: Any) -> list[Any]:
        integrations.detach(bot, "telegram")
        return []

    with patch("permabots.providers.telegram.provider.Telegram.render", parked):
        drain(talk)
    assert (statuses(InboundMessage), telegram.sent()) == (["parked"], [])
    assert not ChatState.objects.exists()


def test_a_message_that_never_comes_to_an_end_is_parked_and_the_next_is_answered(
    bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    talk = say(bot, "hello", 1)
    with spoken(Clumsy), patch.object(Clumsy, "unshown", MemoryError()):
        for _ in range(3):
            with suppress(MemoryError):
                drain(talk)
    say(bot, "hello", 2)
    drain(talk)
    first = InboundMessage.objects.get(provider_sequence=1)
    assert first.status == "parked"
    assert first.error == f"begun 3 times without coming to an end, the last time with {UNFORESEEN}"
    assert telegram.texts(7) == ["Hi"]


def test_an_unforeseen_error_is_counted_and_named(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    broken = patch("permabots.providers.telegram.provider.Telegram.render", side_effect=ZeroDivisionError)
    with broken, pytest.raises(ZeroDivisionError):
        drain(talk)
    row = InboundMessage.objects.get()
    assert (row.status, row.attempts, row.error) == ("pending", 1, UNFORESEEN)
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert InboundMessage.objects.get().error == ""


def test_a_disabled_account_answers_nothing_that_waited(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    TelegramBot.objects.update(enabled=False)
    drain(talk)
    assert InboundMessage.objects.get().status == "skipped"
    assert telegram.sent() == []


def test_a_message_of_another_account_is_parked(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot)
    talk = make_conversation(bot)
    make_inbound(talk, 1, integration_id=uuid4())
    drain(talk)
    row = InboundMessage.objects.get()
    assert (row.status, row.error) == ("parked", "its integration was removed or replaced")


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
