"""A conversation of the playground is saved as a test, which fails when a handler is broken."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

from permabots.models import Bot, ConversationTest
from tests.browser.playground import answer_instead, opened
from tests.browser.remote import expect
from tests.browser.rules import faults_of
from tests.browser.visitor import Visitor

MENU = '[{"id": "tea", "name": "Tea", "price": "4.10"}]'


def test_a_broken_handler_fails_a_saved_test_with_a_diff(visitor: Visitor, bot: Bot) -> None:
    save_order(visitor, bot)
    assert "All 1 passed." in run_all(visitor).inner_text()
    assert command(bot) == (0, "Corner Café, order: passed\n1 tests passed.\n")
    break_choose(visitor, bot)
    summary = run_all(visitor)
    expect(summary).to_have_text("1 of 1 failed.")
    shown = visitor.page.locator(".permabots-diff").inner_text()
    for line in ("-< <b>Tea</b> for 4.10 €. Shall I order it?", "+< Really Tea?"):
        assert line in shown.splitlines()
    status, output = command(bot)
    assert (status, [line for line in shown.splitlines() if line.strip() and line not in output]) == (1, [])
    assert not faults_of(visitor)


def save_order(visitor: Visitor, bot: Bot) -> None:
    """Talk to the bot, and keep it."""
    column = opened(visitor, bot)[0]
    answer_instead(visitor.page, MENU)
    column.say("/start")
    column.hears("What would you like?")
    answer_instead(visitor.page, '{"name": "Tea", "price": "4.10"}')
    column.press("Tea")
    column.hears("Tea for 4.10 €. Shall I order it?")
    column.save("order")
    assert len(ConversationTest.objects.get(bot=bot).steps) == 2


def break_choose(visitor: Visitor, bot: Bot) -> None:
    """Change a handler's text in the admin."""
    visitor.open("bot_change", bot.pk)
    visitor.page.get_by_role("link", name="choose", exact=True).click()
    visitor.fill(text_template="Really {{ response.data.name }}?")
    visitor.save()
    expect(visitor.page.locator(".messagelist")).to_contain_text("was changed successfully")


def run_all(visitor: Visitor) -> Any:
    """Run the bot's tests by the action of their list; returns what is said of them."""
    visitor.open("conversationtest_changelist")
    visitor.page.check("#action-toggle")
    visitor.page.select_option("[name=action]", label="Run")
    visitor.page.click("button[name=index]")
    return visitor.page.locator("#summary")


def command(bot: Bot) -> tuple[int, str]:
    """Run the bot's tests by the command; returns its status, and what it prints."""
    output = StringIO()
    try:
        call_command("permabots_test", str(bot.pk), stdout=output)
    except CommandError as error:
        return error.returncode, output.getvalue()
    return 0, output.getvalue()
