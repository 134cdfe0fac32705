"""The staff of a site before its web chat, in a real browser with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from permabots.models import Handler, InboundMessage, WebBot
from tests.admin.conftest import make_staff
from tests.browser.chat import Chats, Talker, chat, chats, talking, wait_for
from tests.browser.remote import Chromium, expect

__all__ = ["chat", "chats"]


@pytest.fixture
def owner(chat: WebBot) -> Any:
    """The bot's author, who may do everything in the admin with what is their own."""
    owner = make_staff("author")
    chat.bot.owner = owner
    chat.bot.save()
    Handler.objects.filter(bot=chat.bot, priority=1).delete()
    return owner


@pytest.fixture
def talker(chromium: Chromium, chats: Chats, chat: WebBot, owner: Any) -> Iterator[Talker]:
    """The author before the page, logged in to the admin of the same site."""
    client = Client()
    client.force_login(owner)
    with talking(chromium, chats, chat) as found:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": chats.site.url}
        found.context.add_cookies([cookie])
        found.open()
        yield found


def test_under_an_answer_there_is_a_link_to_its_trace(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    with talker.context.expect_page() as opened:
        talker.page.get_by_role("link", name="Why? The handler").click()
    expect(opened.value.locator("body")).to_contain_text("hello")
    assert "/admin/permabots/inboundmessage/" in opened.value.url


def test_on_silence_there_is_the_reason_and_a_form_that_ends_it(talker: Talker, chats: Chats) -> None:
    talker.say("what is new?")
    expect(talker.page.locator("#pb-silence")).to_contain_text("No handler fits “what is new?”.", timeout=20_000)
    with talker.context.expect_page() as opened:
        talker.page.get_by_role("link", name="Make a handler for it").click()
    form = opened.value
    form.fill("#id_text_template", "Nothing.")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator(".success")).to_be_visible()
    talker.say("What is new?")
    talker.hears("Nothing.")
    expect(talker.page.locator("#pb-silence")).to_have_count(0)


def test_the_staff_may_copy_what_to_hand_on(talker: Talker, chat: WebBot) -> None:
    talker.page.locator("#pb-share summary").click()
    expect(talker.page.locator("#pb-share")).to_contain_text(f'data-bot="{chat.slug}"></script>')


def test_without_javascript_it_is_the_same(chromium: Chromium, chats: Chats, chat: WebBot, owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    with talking(chromium, chats, chat, java_script_enabled=False) as talker:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": chats.site.url}
        talker.context.add_cookies([cookie])
        talker.open()
        talker.page.fill("#pb-text", "what is new?")
        talker.page.click("#pb-send")
        wait_for(lambda: InboundMessage.objects.filter(status="done").exists())
        talker.open()
        expect(talker.page.locator("#pb-silence")).to_contain_text("No handler fits", timeout=20_000)


def test_others_see_none_of_it(chromium: Chromium, chats: Chats, chat: WebBot, owner: Any) -> None:
    with talking(chromium, chats, chat) as talker:
        talker.open()
        talker.say("hello")
        talker.hears("Hi")
        expect(talker.page.locator(".pb-why")).to_have_count(0)
