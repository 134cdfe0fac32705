"""Talking in a web chat, in a real browser with a real worker."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from permabots.models import InboundMessage, WebBot, WebMessage
from tests.browser.chat import Chats, Talker, chat, chats, talking, wait_for
from tests.browser.remote import Chromium, expect
from tests.browser.rules import PHONE

__all__ = ["chat", "chats"]


@pytest.fixture
def talker(chromium: Chromium, chats: Chats, chat: WebBot) -> Iterator[Talker]:
    """Somebody before the open page."""
    with talking(chromium, chats, chat) as found:
        found.open()
        yield found


def test_a_text_is_answered(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    assert talker.messages() == ["1 hello", "2 Hi"]


def test_start_is_a_button_until_something_is_said(talker: Talker) -> None:
    talker.press("Start")
    talker.hears("You said /start")
    expect(talker.page.locator("#pb-starts")).to_be_hidden()


def test_a_press_is_said_and_shown_and_the_other_buttons_stay(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    talker.press("two")
    talker.hears("You said two")
    talker.press("three")
    talker.hears("You said three")
    pressed = talker.page.locator("button[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["two", "three"]
    expect(talker.page.locator("button[name=press]")).to_have_count(3)


def test_what_was_said_is_there_after_a_reload(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    talker.press("one")
    talker.hears("You said one")
    before = talker.messages()
    talker.open()
    talker.hears("You said one")
    assert talker.messages() == before
    assert talker.page.locator("button[aria-pressed=true]").all_inner_texts() == ["one"]


def test_two_tabs_and_a_phone_see_the_same_order(
    talker: Talker, chromium: Chromium, chats: Chats, chat: WebBot
) -> None:
    talker.say("hello")
    talker.hears("Hi")
    token = talker.page.evaluate("({ ...localStorage })")
    keep = f"for (const [key, value] of Object.entries({token})) localStorage.setItem(key, value)"
    with talking(chromium, chats, chat, keep, viewport=PHONE, has_touch=True, is_mobile=True) as phone:
        tab = talker.another()
        tab.open()
        phone.open()
        for number, somebody in enumerate((tab, phone, talker, phone, tab)):
            somebody.say(f"message {number}")
        everybody = (talker, tab, phone)
        for somebody in everybody:
            somebody.page.bring_to_front()
            expect(somebody.page.locator("li")).to_have_count(12, timeout=30_000)
        orders = [it.messages() for it in everybody]
    assert orders[0] == orders[1] == orders[2]
    assert [it.split()[0] for it in orders[0]] == [str(it) for it in range(1, 13)]


def test_a_tab_that_is_open_already_learns_that_a_conversation_has_begun(talker: Talker) -> None:
    tab = talker.another()
    tab.open()
    talker.say("hello")
    talker.hears("Hi")
    tab.page.bring_to_front()
    tab.hears("Hi")
    tab.say("again")
    tab.hears("You said again")
    assert len({it.visitor_id for it in WebMessage.objects.all()}) == 1


def test_an_answer_that_comes_while_the_browser_is_offline_is_whole_and_single_afterwards(
    talker: Talker, chats: Chats
) -> None:
    talker.say("hello")
    talker.hears("Hi")
    chats.worker.signal(signal.SIGSTOP)
    try:
        talker.say("count")
        expect(talker.page.locator("li[data-number='3']")).to_have_count(1)
        talker.context.set_offline(True)
    finally:
        chats.worker.signal(signal.SIGCONT)
    wait_for(lambda: WebMessage.objects.count() == 8)
    talker.say("are you there?")
    expect(talker.page.locator(".pb-unsent")).to_contain_text("Not sent yet, will be sent.")
    expect(talker.page.locator("#pb-status")).to_contain_text("No connection")
    assert len(talker.messages()) == 4
    talker.context.set_offline(False)
    talker.hears("You said are you there?")
    found = talker.messages()
    assert [it[:4].strip(".") for it in found[3:8]] == [f"{number} {number - 3}" for number in range(4, 9)]
    assert found[8:] == ["9 are you there?", "10 You said are you there?"]
    expect(talker.page.locator(".pb-unsent")).to_have_count(0)


def test_several_texts_that_are_written_offline_go_out_once_and_in_order(talker: Talker) -> None:
    talker.context.set_offline(True)
    for text in ("a", "b", "c"):
        talker.say(text)
    expect(talker.page.locator(".pb-unsent")).to_have_count(3)
    talker.context.set_offline(False)
    talker.hears("You said c")
    said = [it.split(" ", 1)[1] for it in talker.messages() if "You said" not in it]
    assert said == ["a", "b", "c"]
    assert InboundMessage.objects.count() == 3


def test_a_message_whose_answer_is_lost_is_stored_and_shown_once(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    lose = """() => {
      const real = window.fetch;
      window.fetch = async (...all) => {
        const answer = await real(...all);
        if (all[1].method !== "POST") return answer;
        window.fetch = real;
        throw new TypeError("lost");
      };
    }"""
    talker.page.evaluate(lose)
    talker.say("once")
    talker.hears("You said once")
    expect(talker.page.locator(".pb-unsent")).to_have_count(0)
    assert [it.split(" ", 1)[1] for it in talker.messages()] == ["hello", "Hi", "once", "You said once"]
    assert InboundMessage.objects.count() == 2


def test_who_has_no_conversation_asks_for_nothing(talker: Talker) -> None:
    asked: list[str] = []
    talker.page.on("request", lambda request: asked.append(request.url))
    talker.page.evaluate("window.dispatchEvent(new Event('focus'))")
    talker.page.fill("#pb-text", "not sent")
    talker.page.wait_for_timeout(1500)
    assert asked == []
    assert not talker.context.cookies()
    assert talker.page.evaluate("localStorage.length") == 0


def test_a_conversation_that_has_ended_begins_anew_with_what_was_written(talker: Talker, chat: WebBot) -> None:
    talker.say("hello")
    talker.hears("Hi")
    tab = talker.another()
    tab.open()
    forget(tab)
    # The tab has told the other that its token is gone; a device of another browser learns it by a refusal.
    talker.page.evaluate(f"localStorage.setItem('permabots-chat:/chat/{chat.slug}/', 'gone')")
    talker.open()
    expect(talker.page.get_by_role("button", name="Start again")).to_be_visible()
    talker.say("are you there?")
    talker.press("Start again")
    talker.hears("You said are you there?")
    assert talker.messages() == ["1 are you there?", "2 You said are you there?"]


def test_who_is_forgotten_has_nothing_left(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    forget(talker)
    expect(talker.page.locator("li")).to_have_count(0)
    expect(talker.page.locator("#pb-status")).to_have_text("The conversation has been deleted.")
    assert talker.page.evaluate("localStorage.length") == 0
    assert not WebMessage.objects.exists()


def forget(talker: Talker) -> None:
    talker.page.get_by_text("Menu").click()
    talker.press("Forget me")
    talker.press("Delete")
    expect(talker.page.locator("#pb-status")).to_have_text("The conversation has been deleted.")


def test_consent_is_asked_for_before_anything_is_stored(talker: Talker, chat: WebBot) -> None:
    WebBot.objects.filter(pk=chat.pk).update(consent_text="We keep what you write.")
    talker.open()
    talker.say("hello")
    expect(talker.page.locator("#pb-asked")).to_have_text("We keep what you write.")
    talker.press("Not now")
    assert talker.page.input_value("#pb-text") == "hello"
    assert not WebMessage.objects.exists()
    talker.page.press("#pb-text", "Enter")
    talker.press("I agree")
    talker.hears("Hi")
    talker.say("more")
    talker.hears("You said more")


def test_earlier_messages_are_fetched_when_they_are_wanted(talker: Talker) -> None:
    for number in range(11):
        talker.say("count")
        expect(talker.page.locator("li")).to_have_count(6 * (number + 1), timeout=20_000)
    whole = talker.messages()
    talker.open()
    expect(talker.page.locator("li")).to_have_count(50)
    talker.page.click("#pb-earlier")
    expect(talker.page.locator("li")).to_have_count(66)
    assert talker.messages() == whole
    expect(talker.page.locator("#pb-earlier")).to_be_hidden()


def test_enter_sends_and_shift_with_enter_makes_a_line(talker: Talker) -> None:
    talker.page.focus("#pb-text")
    talker.page.keyboard.type("one")
    talker.page.keyboard.press("Shift+Enter")
    talker.page.keyboard.type("two")
    talker.page.keyboard.press("Enter")
    talker.hears("You said one\ntwo")


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(talker: Talker) -> None:
    talker.page.fill("#pb-text", "にほ")
    compose = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })"
    taken: Any = talker.page.evaluate(f"!document.getElementById('pb-text').dispatchEvent({compose})")
    assert not taken
    assert talker.messages() == []
