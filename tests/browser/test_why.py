"""Why did my bot not answer? From the bot to the message, in the browser."""

from __future__ import annotations

from typing import Any

from demo.shop import TOKEN
from permabots.models import Bot, Conversation
from permabots.pipeline import drain as draining
from permabots.testing import TelegramServer
from tests.browser.remote import expect
from tests.browser.visitor import Visitor


def hear(telegram: TelegramServer, text: str) -> Conversation:
    """Have a message come in by the webhook, and a worker look at it."""
    telegram.send_text(TOKEN, 7, text)
    telegram.wait_idle()
    chat = Conversation.objects.get()
    draining.drain(chat.pk, chat.provider)
    return chat


def open_transcript(visitor: Visitor, bot: Bot) -> Any:
    """Go from the bot to its conversation, and open the last turn; returns its explanation."""
    visitor.open("bot_change", bot.pk)
    visitor.page.locator(".object-tools").get_by_role("link", name="Conversations").click()
    visitor.page.locator("#result_list tbody th a").click()
    visitor.page.locator("summary").last.click()
    return visitor.page.locator("details").last


def test_a_message_that_no_handler_fits_tells_what_was_tried(
    visitor: Visitor, bot: Bot, telegram: TelegramServer
) -> None:
    bot.handlers.filter(name="anything else").update(enabled=False)
    hear(telegram, "order tea")
    why = open_transcript(visitor, bot)
    expect(why).to_contain_text("no handler")
    for reason in (
        "welcome: its pattern is not found in the text",
        "choose: it answers in other states only",
        "anything else: it is disabled",
    ):
        expect(why.locator("li", has_text=reason)).to_be_visible()
    assert telegram.texts(7) == []


def test_an_answer_that_failed_tells_the_line_of_the_template(
    visitor: Visitor, bot: Bot, telegram: TelegramServer
) -> None:
    handler = bot.handlers.get(name="welcome")
    handler.response.text_template = "Hello\n{{ 1 // (pattern.zero|int) }}"
    handler.response.save()
    hear(telegram, "/start")
    why = open_transcript(visitor, bot)
    expect(why).to_contain_text("welcome")
    expect(why.locator("dd.permabots-bad")).to_contain_text("(line 2)")


def test_the_list_of_messages_finds_what_was_not_answered(visitor: Visitor, bot: Bot, telegram: TelegramServer) -> None:
    hear(telegram, "/start")
    telegram.revoke(TOKEN)
    hear(telegram, "hello?")
    visitor.open("bot_change", bot.pk)
    visitor.page.locator(".object-tools").get_by_role("link", name="Messages").click()
    visitor.page.fill("#searchbar", "hello")
    visitor.page.press("#searchbar", "Enter")
    visitor.page.locator("#result_list tbody th a").click()
    expect(visitor.page.locator(".permabots-out .permabots-status-parked")).to_be_visible()
