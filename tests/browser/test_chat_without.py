"""The web chat in browsers that lack something: JavaScript, storage, cookies, HTTPS."""

from __future__ import annotations

import pytest

from permabots.models import InboundMessage, WebBot, WebMessage
from tests.browser.chat import Chats, chat, chats, talking
from tests.browser.remote import Chromium, expect
from tests.browser.rules import PHONE

__all__ = ["chat", "chats"]

NO_STORAGE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });"""
FULL_STORAGE = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };"""
NO_COOKIES = """Object.defineProperty(Document.prototype, "cookie", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });"""
PLAIN = """delete Crypto.prototype.randomUUID; delete crypto.randomUUID;"""


def test_without_javascript_it_is_a_form(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    with talking(chromium, chats, chat, java_script_enabled=False, viewport=PHONE) as talker:
        talker.open()
        talker.page.fill("#pb-text", "hello")
        talker.page.click("#pb-send")
        talker.hears("Hi")  # the page loads itself anew until the answer is there
        talker.press("two")
        talker.hears("You said two")
        assert talker.messages() == ["1 hello", "2 Hi", "3 two", "4 You said two"]
        pressed = talker.page.locator("button[aria-pressed=true]")
        assert pressed.all_inner_texts() == ["two"]
        cookies = talker.context.cookies()
        assert [(it["httpOnly"], it["sameSite"]) for it in cookies] == [(True, "Lax")]
        talker.page.get_by_text("Menu").click()
        talker.press("Forget me")
        talker.press("Delete")
        expect(talker.page.locator("#pb-status")).to_have_text("The conversation has been deleted.")
        assert not talker.context.cookies()
    assert not WebMessage.objects.exists()


def test_without_javascript_consent_is_asked_for_and_the_text_kept(
    chromium: Chromium, chats: Chats, chat: WebBot
) -> None:
    WebBot.objects.filter(pk=chat.pk).update(consent_text="We keep what you write.")
    with talking(chromium, chats, chat, java_script_enabled=False) as talker:
        talker.open()
        talker.page.fill("#pb-text", "hello")
        talker.page.click("#pb-send")
        expect(talker.page.locator("#pb-asked")).to_have_text("We keep what you write.")
        assert not WebMessage.objects.exists()
        talker.press("I agree")
        talker.hears("Hi")


@pytest.mark.parametrize(
    "script", [NO_STORAGE, FULL_STORAGE, PLAIN], ids=["no storage", "full storage", "no randomUUID"]
)
def test_it_talks_all_the_same(chromium: Chromium, chats: Chats, chat: WebBot, script: str) -> None:
    with talking(chromium, chats, chat, script) as talker:
        talker.open()
        talker.say("hello")
        talker.hears("Hi")
        talker.press("one")
        talker.hears("You said one")
        assert talker.messages() == ["1 hello", "2 Hi", "3 one", "4 You said one"]
    assert InboundMessage.objects.count() == 2


def test_without_cookies_it_talks_and_is_there_after_a_reload(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    with talking(chromium, chats, chat, NO_COOKIES) as talker:
        talker.open()
        talker.say("hello")
        talker.hears("Hi")
        talker.open()
        talker.hears("Hi")
        assert not talker.context.cookies()


def test_a_conversation_that_a_form_began_goes_on_with_javascript(
    chromium: Chromium, chats: Chats, chat: WebBot
) -> None:
    with talking(chromium, chats, chat, java_script_enabled=False) as plain:
        plain.open()
        plain.page.fill("#pb-text", "hello")
        plain.page.click("#pb-send")
        plain.hears("Hi")
        cookies = plain.context.cookies()
    with talking(chromium, chats, chat) as talker:
        talker.context.add_cookies(cookies)
        talker.open()
        talker.hears("Hi")
        talker.press("one")
        talker.hears("You said one")
        assert talker.messages() == ["1 hello", "2 Hi", "3 one", "4 You said one"]
