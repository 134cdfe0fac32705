"""The web chat for people who do not see it, or see it large, dark, in few colours, without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from permabots.models import WebBot, WebMessage
from tests.browser import axe
from tests.browser.chat import Chats, Talker, chat, chats, talking, wait_for
from tests.browser.remote import Chromium, expect
from tests.browser.rules import DESK, PHONE, SIDEWAYS

__all__ = ["chat", "chats"]

# What a screen reader is told: nodes that come into a live region while it is one, each change of the others.
WATCH = """(() => {
  window.heard = [];
  window.said = [];
  const live = (it) => it.closest && it.closest("[role=log]");
  const watch = () => {
    new MutationObserver((changes) => {
      for (const it of changes) {
        const place = it.target.nodeType === 1 ? it.target : it.target.parentElement;
        if (!place || !live(place)) continue;
        if (it.type === "characterData") window.heard.push("changed: " + place.textContent);
        for (const node of it.addedNodes) window.heard.push(node.textContent.replace(/\\s+/g, " ").trim());
      }
    }).observe(document.getElementById("pb-log"), { childList: true, subtree: true, characterData: true });
    new MutationObserver(() => window.said.push([Date.now(), document.getElementById("pb-status").textContent]))
      .observe(document.getElementById("pb-status"), { childList: true, subtree: true, characterData: true });
  };
  document.addEventListener("readystatechange", () => document.readyState === "interactive" && watch());
})()"""
SMALL = """() => [...document.querySelectorAll("button, summary, textarea, a.pb-key")]
  .filter((it) => it.offsetParent).map((it) => [it.textContent.trim(), it.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44).map(([name]) => name)"""
REGIONS = "() => [...document.querySelectorAll('[role=log], [aria-live], [role=status]')].map((it) => it.id)"


@pytest.fixture
def talker(chromium: Chromium, chats: Chats, chat: WebBot) -> Iterator[Talker]:
    """Somebody whose screen reader is before the open page."""
    with talking(chromium, chats, chat, WATCH) as found:
        found.open()
        yield found


def test_each_new_message_is_announced_once(talker: Talker) -> None:
    talker.page.locator("[role=log]").wait_for(state="attached")
    for text in ("hello", "second", "third"):
        talker.say(text)
        talker.hears("Hi" if text == "hello" else f"You said {text}")
    talker.page.wait_for_timeout(1000)
    found: list[str] = talker.page.evaluate("window.heard")
    beginnings = (
        "You: hello",
        "Corner Shop: Hi",
        "You: second",
        "Corner Shop: You said second",
        "You: third",
        "Corner Shop: You said third",
    )
    assert len(found) == len(beginnings), found
    assert all(it.startswith(words) for it, words in zip(found, beginnings, strict=True)), found


def test_history_is_announced_never(talker: Talker) -> None:
    for _ in range(10):
        talker.say("count")
        talker.page.wait_for_timeout(50)
    expect(talker.page.locator("li")).to_have_count(60, timeout=60_000)
    talker.open()
    talker.page.locator("[role=log]").wait_for(state="attached")
    expect(talker.page.locator("li")).to_have_count(50)
    talker.page.click("#pb-earlier")
    expect(talker.page.locator("li")).to_have_count(60)
    talker.page.wait_for_timeout(500)
    assert talker.page.evaluate("window.heard") == []


def test_a_message_that_waits_for_the_network_is_announced_once(talker: Talker) -> None:
    talker.page.locator("[role=log]").wait_for(state="attached")
    talker.context.set_offline(True)
    talker.say("hello")
    expect(talker.page.locator(".pb-unsent")).to_have_count(1)
    talker.context.set_offline(False)
    talker.hears("Hi")
    talker.page.wait_for_timeout(500)
    found: list[str] = talker.page.evaluate("window.heard")
    assert len(found) == 2, found
    assert found[0].startswith("You: hello")
    assert found[1].startswith("Corner Shop: Hi")


def test_there_is_one_region_of_messages_and_one_of_notes(talker: Talker) -> None:
    talker.page.locator("[role=log]").wait_for(state="attached")
    assert talker.page.evaluate(REGIONS) == ["pb-log", "pb-status"]
    log = talker.page.locator("#pb-log")
    names = ("aria-live", "aria-relevant", "aria-label")
    assert [log.get_attribute(name) for name in names] == ["polite", "additions", "Messages"]


def test_the_notes_change_once_a_second_at_most(talker: Talker) -> None:
    for text in ("hello", "one", "two", "three"):
        talker.say(text)
        talker.hears("Hi" if text == "hello" else f"You said {text}")
    talker.page.wait_for_timeout(1500)
    moments = [moment for moment, _ in talker.page.evaluate("window.said")]
    assert all(later - earlier > 900 for earlier, later in pairwise(moments))


def test_a_message_that_arrives_does_not_move_the_focus(talker: Talker) -> None:
    talker.page.get_by_text("Menu").focus()
    talker.page.evaluate("document.getElementById('pb-starts').querySelector('button').click()")
    talker.hears("You said /start")
    assert talker.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_skip_link_leads_to_the_newest_message(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    talker.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    talker.page.focus("#pb-skip")
    talker.page.keyboard.press("Enter")
    assert "Hi" in talker.page.evaluate("document.activeElement.textContent")


def test_buttons_are_a_group_that_is_named_by_its_message(talker: Talker) -> None:
    talker.say("hello")
    talker.hears("Hi")
    group = talker.page.get_by_role("group", name="Hi")
    assert group.get_by_role("button").all_inner_texts() == ["one", "two", "three"]


def test_all_is_done_with_the_keyboard(talker: Talker) -> None:
    talker.page.focus("#pb-text")
    talker.page.keyboard.type("hello")
    talker.page.keyboard.press("Enter")
    talker.hears("Hi")
    talker.page.get_by_role("button", name="two").focus()
    talker.page.keyboard.press("Enter")
    talker.hears("You said two")
    assert talker.page.evaluate("document.activeElement.textContent") == "two"


@pytest.mark.parametrize(
    ("size", "scheme", "scripted"),
    [
        pytest.param(DESK, "light", True, id="desk-light-script"),
        pytest.param(PHONE, "dark", True, id="phone-dark-script"),
        pytest.param(DESK, "dark", False, id="desk-dark-form"),
        pytest.param(PHONE, "light", False, id="phone-light-form"),
    ],
)
def test_axe_finds_nothing_grave(
    chromium: Chromium, chats: Chats, chat: WebBot, scripted: bool, scheme: str, size: Any
) -> None:
    WebBot.objects.filter(pk=chat.pk).update(greeting="Welcome", consent_text="We keep what you write.")
    with talking(chromium, chats, chat, color_scheme=scheme, viewport=size) as talker:
        if not scripted:  # axe is a script itself: the browser runs scripts, but does not get ours
            talker.context.route("**/chat/*.js", lambda route: route.abort())
        talker.open()
        assert axe.faults(talker.page) == []
        talker.page.fill("#pb-text", "hello")
        talker.page.click("#pb-send")
        expect(talker.page.locator("#pb-asked")).to_be_visible()
        assert axe.faults(talker.page) == []
        talker.press("I agree")
        for count, press in ((2, "two"), (4, "")):
            wait_for(lambda count=count: WebMessage.objects.count() == count)
            if not scripted:
                talker.open()
            talker.hears("You said two" if count == 4 else "Hi")
            if press:
                talker.press(press)
        assert axe.faults(talker.page) == []


@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 320, "height": 256}, PHONE])
def test_on_a_small_or_magnified_page_all_is_there_and_large_enough(talker: Talker, size: Any, chat: WebBot) -> None:
    talker.page.set_viewport_size(size)
    talker.say("hello")
    talker.hears("Hi")
    talker.page.get_by_text("Menu").click()
    assert talker.page.evaluate(SIDEWAYS) == 0
    assert talker.page.evaluate(SMALL) == []
    assert talker.page.evaluate("getComputedStyle(document.getElementById('pb-text')).fontSize") == "16px"


def test_every_message_has_its_moment_and_its_own_direction(talker: Talker) -> None:
    talker.say("שלום")
    talker.hears("You said שלום")
    times = talker.page.locator("li time")
    assert all("T" in it.get_attribute("datetime") for it in times.all())
    direction = "getComputedStyle(document.querySelector('li .pb-text')).direction"
    assert talker.page.evaluate(direction) == "rtl"


def test_with_forced_colours_messages_and_buttons_have_edges(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    with talking(chromium, chats, chat, forced_colors="active") as talker:
        talker.open()
        talker.say("hello")
        talker.hears("Hi")
        for place in (".pb-bubble", ".pb-key"):
            edge = f"getComputedStyle(document.querySelector('li {place}')).borderTopColor"
            assert talker.page.evaluate(edge) not in {"rgba(0, 0, 0, 0)", "transparent"}


def test_who_wants_no_motion_gets_none(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    with talking(chromium, chats, chat, reduced_motion="reduce") as talker:
        talker.open()
        talker.say("hello")
        talker.hears("Hi")
        moving = "getComputedStyle(document.querySelector('li .pb-key')).transitionDuration"
        assert talker.page.evaluate(moving) == "0s"
