"""Talking to the ordering bot in the playground, on three messengers side by side."""

from __future__ import annotations

from typing import Any

import pytest

from demo.shop import add_shop
from permabots.models import Bot
from permabots.testing import KikServer, MessengerServer, TelegramServer, UserApiServer
from tests.api.traffic.client import tables
from tests.browser.playground import Column, answer_instead, opened
from tests.browser.remote import expect
from tests.browser.rules import faults_of
from tests.browser.visitor import Visitor


@pytest.fixture
def orders(bot: Bot, user_api: UserApiServer) -> list[Any]:
    """What is ordered at the shop's API, which is there."""
    bot.env_vars.filter(key="api").update(value=f"{user_api.url}/shop")
    return add_shop(user_api)


def test_three_messengers_answer_side_by_side_and_their_buttons_are_pressed(
    visitor: Visitor, bot: Bot, orders: list[Any]
) -> None:
    columns = opened(visitor, bot)
    assert {it.service for it in columns} >= {"telegram", "kik", "messenger"}
    visitor.page.fill("#say-everywhere", "/start")
    visitor.page.click("#send-everywhere")
    for number, column in enumerate(columns):
        column.hears("welcome to The Corner Café")
        column.is_in("Choosing")
        column.press("order tea" if column.service == "kik" else "Tea & biscuits")
        column.hears("Tea & biscuits for 4.10 €. Shall I order it?")
        column.press("Yes")
        column.hears(f"Order {17 + number}: Tea & biscuits. Thank you!")
        column.is_in("Ordered")
    assert [it["item"] for it in orders] == ["tea"] * len(columns)


def test_nothing_is_stored_and_nothing_sent(
    visitor: Visitor,
    bot: Bot,
    orders: list[Any],
    telegram: TelegramServer,
    kik: KikServer,
    messenger: MessengerServer,
) -> None:
    columns = opened(visitor, bot)
    before, calls = tables(), [len(it.calls()) for it in (telegram, kik, messenger)]
    for column in columns:
        column.say("/start")
        column.hears("What would you like?")
        column.say("order tea")
        column.hears("Shall I order it?")
    assert tables() == before
    assert [len(it.calls()) for it in (telegram, kik, messenger)] == calls


def test_the_api_is_answered_for_by_what_is_typed_in(visitor: Visitor, bot: Bot, user_api: UserApiServer) -> None:
    column = opened(visitor, bot)[0]
    visitor.page.select_option("#start-state", "Choosing")
    column.is_in("Choosing")
    answer_instead(visitor.page, '{"name": "Cake", "price": "9.99"}')
    column.say("order cake")
    column.hears("Cake for 9.99 €")
    answer_instead(visitor.page, "{}", status=404)
    visitor.page.click("#begin-anew")
    column.say("order pie")
    column.hears("There is no pie on the menu.")
    column.is_in("Choosing")
    assert not user_api.requests


def test_what_cannot_be_read_as_json_is_told_and_the_conversation_goes_on(visitor: Visitor, bot: Bot) -> None:
    column = opened(visitor, bot)[0]
    answer_instead(visitor.page, "{oops")
    column.say("/start")
    expect(visitor.page.locator(f"#status-{column.service}")).to_have_text("The API's answer is not JSON.")
    visitor.trouble.clear()  # a browser writes on its console that an answer was a 400
    answer_instead(visitor.page, "[]")
    column.say("/start")
    column.hears("What would you like?")


def test_every_answer_says_why(visitor: Visitor, bot: Bot) -> None:
    column = opened(visitor, bot)[0]
    column.say("order cake")
    column.hears("I did not understand “order cake”")
    column.log.locator("summary").click()
    reason = column.log.locator("li", has_text="choose")
    expect(reason).to_have_text("choose: it answers in other states only")


def test_a_conversation_can_be_used_by_everybody(visitor: Visitor, bot: Bot, orders: list[Any]) -> None:
    for column in opened(visitor, bot):
        talk(column)
    assert not faults_of(visitor)


def talk(column: Column) -> None:
    column.say("/start")
    column.hears("What would you like?")
    column.say("order tea")
    column.hears("Shall I order it?")
