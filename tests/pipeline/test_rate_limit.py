"""Keeping to a provider's rates."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from permabots.models import Bot, Chat, Conversation, Notification, OutboundMessage, TelegramBot
from permabots.pipeline import rate_steps
from permabots.pipeline.hooks import broadcast_rate
from permabots.pipeline.sending import rate_limit
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_bot, make_conversation, make_handler, make_inbound, make_outbound, make_telegram
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def account() -> TelegramBot:
    return make_telegram()


def rates(settings: Any, **values: float) -> None:
    given = {f"TELEGRAM_{name.upper()}": value for name, value in values.items()}
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), **given}


def reply(account: TelegramBot, chat: str = "7", user: str | None = None) -> OutboundMessage:
    talk = Conversation.objects.filter(bot=account.bot, chat_id=chat, user_id=chat if user is None else user).first()
    talk = talk or make_conversation(account.bot, chat, user)
    number = OutboundMessage.objects.count() + 1
    return make_outbound(talk, inbound=make_inbound(talk, number))


def notice(account: TelegramBot, chat: str) -> OutboundMessage:
    told = Notification.objects.create(bot=account.bot, total=1)
    return make_outbound(make_conversation(account.bot, chat), notification=told)


def waits(account: TelegramBot, rows: list[OutboundMessage]) -> list[float]:
    return [round(rate_limit.reserve_send_slot(row, account), 1) for row in rows]


def test_a_chat_gets_its_burst_and_then_its_rate(account: TelegramBot, settings: Any) -> None:
    rates(settings, chat_rate=0.1, chat_burst=3)
    assert waits(account, [reply(account) for _ in range(4)]) == [0, 0, 0, pytest.approx(10, abs=0.2)]


def test_another_chat_does_not_wait_for_a_full_one(account: TelegramBot, settings: Any) -> None:
    rates(settings, chat_rate=0.1, chat_burst=1)
    assert waits(account, [reply(account), reply(account)])[1] > 0
    assert waits(account, [reply(account, "8")]) == [0]


def test_what_one_person_in_a_group_gets_counts_for_the_group(account: TelegramBot, settings: Any) -> None:
    rates(settings, group_rate=0.1, group_burst=2)
    ann, joe = reply(account, "-5", "1"), reply(account, "-5", "2")
    assert waits(account, [ann, joe]) == [0, 0]
    assert waits(account, [reply(account, "-5", "1")])[0] == pytest.approx(10, abs=0.2)


def test_an_account_gets_a_second_of_its_rate_at_once_and_the_rest_in_order(
    account: TelegramBot, settings: Any
) -> None:
    rates(settings, rate=4, chat_rate=0)
    found, places = [], []
    for row in [reply(account, str(chat)) for chat in range(10, 17)]:
        found += waits(account, [row])
        places += TelegramBot.objects.values_list("rate_tat", flat=True)
    assert found[:4] == [0, 0, 0, 0]
    assert 0 < found[4] < found[5] < found[6]
    assert [later - earlier for earlier, later in pairwise(places)] == [timedelta(seconds=0.25)] * 6


def test_a_message_that_waited_for_its_place_is_not_asked_again(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=1, chat_rate=0)
    first, second = reply(account, "10"), reply(account, "11")
    assert waits(account, [first])[0] == 0
    assert waits(account, [second])[0] > 0
    second.refresh_from_db()
    assert rate_limit.reserve_send_slot(second, account) == 0


def test_answers_go_ahead_of_what_hooks_tell(
    account: TelegramBot, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates(settings, rate=0.1, chat_rate=0)
    monkeypatch.setattr(rate_steps, "BURST", 100.0)  # nothing of it is over while the test runs, however slow it is
    told = waits(account, [notice(account, str(chat)) for chat in range(10, 16)])
    assert told[:5] == [0] * 5
    assert told[5] > 0
    assert waits(account, [reply(account, "20")]) == [0]


def test_a_call_that_nobody_misses_takes_no_place(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=1, chat_rate=1, chat_burst=1)
    row = reply(account)
    row.payload["optional"] = True
    assert waits(account, [row, row, row]) == [0, 0, 0]


def test_no_rate_asks_nothing(account: TelegramBot, settings: Any, django_assert_num_queries: Any) -> None:
    rates(settings, rate=0, chat_rate=0)
    row = reply(account)
    with django_assert_num_queries(0):
        assert rate_limit.reserve_send_slot(row, account) == 0


def test_an_account_that_sends_fast_loses_its_burst(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=4, chat_rate=0)
    TelegramBot.objects.update(rate_tat=timezone.now() + timedelta(seconds=0.7))
    rate_limit.drain_burst(account)
    assert waits(account, [reply(account, "10")])[0] == pytest.approx(0.25, abs=0.11)


def test_an_account_that_hardly_sends_keeps_its_burst(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=4, chat_rate=0)
    rate_limit.drain_burst(account)
    assert waits(account, [reply(account, "10")]) == [0]


def test_broadcasts_are_booked_at_half_the_rate(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=20)
    bot = account.bot
    assert broadcast_rate.reserve_slots(bot, ["telegram"] * 3) == [
        pytest.approx(wait, abs=0.01) for wait in (0, 0.1, 0.2)
    ]
    assert broadcast_rate.reserve_slots(bot, ["telegram"])[0] == pytest.approx(0.3, abs=0.15)


def test_as_many_recipients_are_stored_as_leave_in_five_seconds(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=4)
    assert broadcast_rate.count_within_horizon(account.bot, ["telegram"] * 100) == 10
    rates(settings, rate=0.1)
    assert broadcast_rate.count_within_horizon(account.bot, ["telegram"] * 100) == 1


def test_a_bot_without_an_account_there_has_no_rate(settings: Any) -> None:
    bot = make_bot()
    assert broadcast_rate.count_within_horizon(bot, ["telegram"] * 3) == 3
    assert broadcast_rate.reserve_slots(bot, ["telegram"] * 3) == [0, 0, 0]


def test_a_full_chat_is_answered_later_and_its_row_was_not_tried(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    rates(settings, chat_rate=0.01, chat_burst=1)
    make_handler(bot, "^hello$", "Hi")
    drain(say(bot, "hello", 1))
    talk = say(bot, "hello", 2)
    wait = drain(talk)
    assert wait == pytest.approx(100, abs=1)
    rows = OutboundMessage.objects.order_by("id").values_list("status", "attempts")
    assert list(rows) == [("sent", 1), ("pending", 0)]
    assert telegram.texts(7) == ["Hi"]
    Chat.objects.update(not_before=None, rate_tat=None)
    assert drain(talk) is None
    assert telegram.texts(7) == ["Hi", "Hi"]


def test_too_many_requests_take_the_burst_of_a_fast_account(bot: Bot, telegram: TelegramServer) -> None:
    make_handler(bot, "^hello$", "Hi")
    TelegramBot.objects.update(rate_tat=timezone.now() + timedelta(seconds=0.8))
    telegram.add_fault(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=5, count=1))
    drain(say(bot, "hello", 1))
    assert TelegramBot.objects.get().rate_tat > timezone.now() + timedelta(seconds=0.8)


def set_back(seconds: float) -> None:
    """Set the database's clock back, as the rows see it: what they hold lies that much further ahead."""
    further = timedelta(seconds=seconds)
    TelegramBot.objects.update(**{name: F(name) + further for name in ("rate_tat", "broadcast_tat", "rate_booked_at")})
    Chat.objects.update(rate_tat=F("rate_tat") + further)


def test_a_clock_that_is_set_back_keeps_no_account_waiting(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=4, chat_rate=0)
    waits(account, [reply(account, str(chat)) for chat in range(10, 17)])
    set_back(60)
    assert waits(account, [reply(account, "20")]) == [0]
    assert TelegramBot.objects.get().rate_tat < timezone.now() + timedelta(seconds=5)


def test_a_clock_that_is_set_back_keeps_no_broadcast_waiting_nor_answers_behind_it(
    account: TelegramBot, settings: Any
) -> None:
    rates(settings, rate=4, chat_rate=0)
    waits(account, [reply(account, str(chat)) for chat in range(10, 17)])
    assert rate_limit.reserve(account, 10) == 0
    assert rate_limit.reserve(account, 10) == pytest.approx(5, abs=0.5)
    set_back(60)
    assert rate_limit.reserve(account, 10) == 0
    assert rate_limit.reserve(account, 10) == pytest.approx(5, abs=0.5)
    assert waits(account, [reply(account, "20")]) == [0]


def test_a_clock_that_is_set_back_keeps_no_chat_waiting(account: TelegramBot, settings: Any) -> None:
    rates(settings, chat_rate=0.1, chat_burst=3)
    waits(account, [reply(account) for _ in range(4)])
    set_back(60)
    assert waits(account, [reply(account)]) == [0]


def test_a_chat_that_two_fill_at_once_waits_all_the_same(account: TelegramBot, settings: Any) -> None:
    rates(settings, chat_rate=0.1, chat_burst=1)
    first = reply(account)
    waits(account, [first])
    Chat.objects.update(rate_tat=F("rate_tat") + timedelta(seconds=10))
    assert waits(account, [reply(account)])[0] > 10


def test_a_crowd_that_waits_for_a_rate_is_no_clock_set_back(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=1, chat_rate=0)
    found = waits(account, [reply(account, str(chat)) for chat in range(10, 40)])
    assert found[0] == 0
    assert sorted(found) == found
    assert found[-1] > 20


def group(account: TelegramBot, *people: str) -> list[OutboundMessage]:
    """Return an answer for each of these people of one group; "" is what a hook tells the group."""
    return [reply(account, "-100", user) for user in people]


def test_a_group_of_many_writers_has_one_row_that_is_booked(
    account: TelegramBot, settings: Any, django_assert_num_queries: Any
) -> None:
    rates(settings, rate=0, group_rate=0.1, group_burst=100)
    rows = group(account, *map(str, range(1, 30)))
    waits(account, rows[:1])
    with django_assert_num_queries(len(rows) - 1):
        assert waits(account, rows[1:]) == [0] * (len(rows) - 1)
    assert Chat.objects.count() == 1


@pytest.mark.parametrize("people", [("1", "2"), ("", "1"), ("1", "")])
def test_what_anybody_in_a_group_is_told_counts_for_all(account: TelegramBot, settings: Any, people: Any) -> None:
    rates(settings, rate=0, group_rate=0.1, group_burst=1)
    first, second = waits(account, group(account, *people))
    assert (first, second > 0) == (0, True)


def test_nothing_is_booked_in_a_chat_that_has_to_wait(account: TelegramBot, settings: Any) -> None:
    rates(settings, rate=0, group_rate=1, group_burst=3)
    one, other = group(account, "1", "2")
    Chat.objects.postpone(one.conversation, 60)
    assert waits(account, [other])[0] == pytest.approx(60, abs=1)
    assert Chat.objects.get().rate_tat is None
