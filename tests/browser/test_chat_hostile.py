"""What bots and people write is shown as text in a web chat, whatever it is, with JavaScript and without."""

from __future__ import annotations

import pytest
from django.test import Client

from permabots.models import WebBot
from tests.browser.chat import Chats, chat, chats, talking
from tests.browser.remote import Chromium, expect
from tests.factories import make_handler
from tests.web_chat.talking import Person

__all__ = ["chat", "chats"]

TEXTS = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    '<img src=x onerror="window.pwned = 1">',
    "<svg/onload=window.pwned=1>",
    "\"><b onmouseover='window.pwned=1'>x</b>",
    "</textarea></div></li></ol><h1>taken over</h1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<!-- <li> --> ]]> <style>*{display:none}</style>",
    "{{ constructor.constructor('window.pwned=1')() }} {% load static %} ${window.pwned=1}",
    "javascript:window.pwned=1",
    "&lt;script&gt;window.pwned = 1&lt;/script&gt; &amp;#60;",
    "\u202egnp.exe\u2066 hidden\u2069",
    "x" * 3900,
    "Z\u0351\u036b\u0343" * 300,
)
LINK = '<a href="{{ pattern.to }}">link</a> <b><i>&lt;b&gt;bold</i></b>'
KEYBOARD = (
    '[["<b>label</b>", ["go", "javascript:window.pwned=1"]], [["\u202egnp", "https://example.com/?q=\\"><script>"]]]'
)
ADDRESSES = (
    "javascript:window.pwned=1",
    "JaVaScRiPt:window.pwned=1",
    " javascript:window.pwned=1",
    "data:text/html,<script>1</script>",
    'https://example.com/?a="><b>',
)
FOREIGN = """() => [...document.querySelectorAll(".pb-text *, .pb-key *")].map((it) => it.tagName)
  .filter((it) => !["A", "STRONG", "EM"].includes(it))"""
LINKS = "() => [...document.querySelectorAll('#pb-list a')].map((it) => [it.protocol, it.rel, it.target])"
SAFE = ["https:", "noopener noreferrer nofollow", "_blank"]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("scripted", [True, False], ids=["JavaScript", "no JavaScript"])
def test_every_text_is_shown_as_it_was_written(chromium: Chromium, chats: Chats, chat: WebBot, scripted: bool) -> None:
    person = Person(chat)
    for text in TEXTS:
        person.say(text)
    with talking(chromium, chats, chat, java_script_enabled=scripted, viewport={"width": 320, "height": 640}) as talker:
        token = {"name": f"permabots-chat-{chat.slug}", "value": person.token, "url": talker.address}
        talker.context.add_cookies([token])
        talker.open()
        shown = talker.page.locator("li.pb-person .pb-text")
        expect(shown).to_have_count(len(TEXTS))
        assert shown.all_text_contents() == list(TEXTS)
        if scripted:
            assert talker.page.evaluate("window.pwned") is None
            assert talker.page.evaluate(FOREIGN) == []
            assert talker.page.evaluate(WIDER) == 0


def test_what_is_written_in_the_page_is_shown_as_it_was_written(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    with talking(chromium, chats, chat) as talker:
        talker.open()
        for text in TEXTS[:12]:
            talker.say(text)
            talker.hears(f"You said {text}")
        assert talker.page.evaluate("window.pwned") is None
        assert talker.page.evaluate(FOREIGN) == []


@pytest.mark.parametrize("scripted", [True, False], ids=["JavaScript", "no JavaScript"])
def test_only_addresses_that_a_page_may_open_are_links(
    chromium: Chromium, chats: Chats, chat: WebBot, scripted: bool
) -> None:
    assert chat.bot
    make_handler(chat.bot, "^link (?P<to>.+)$", LINK, keyboard=KEYBOARD, priority=9)
    person = Person(chat)
    for address in ADDRESSES:
        person.say(f"link {address}")
    with talking(chromium, chats, chat, java_script_enabled=scripted) as talker:
        token = {"name": f"permabots-chat-{chat.slug}", "value": person.token, "url": talker.address}
        talker.context.add_cookies([token])
        talker.open()
        expect(talker.page.locator(".pb-bot .pb-text")).to_have_count(len(ADDRESSES), timeout=20_000)
        assert talker.page.get_by_role("button", name="<b>label</b>").count() == len(ADDRESSES)
        assert talker.page.get_by_role("button", name="go", exact=True).count() == len(ADDRESSES)
        links = talker.page.locator("#pb-list a").all()
        found = {(it.get_attribute("href"), it.get_attribute("rel")) for it in links}
        assert {(address.split("?")[0], rel) for address, rel in found} == {("https://example.com/", SAFE[1])}
        if scripted:
            assert all(it == SAFE for it in talker.page.evaluate(LINKS))
            assert talker.page.evaluate(FOREIGN) == []


def test_title_greeting_and_consent_are_text(chromium: Chromium, chats: Chats, chat: WebBot) -> None:
    hostile = "</script><script>window.pwned=1</script><!--"
    WebBot.objects.filter(pk=chat.pk).update(title=hostile, greeting=hostile, consent_text=hostile)
    assert hostile not in Client().get(f"/chat/{chat.slug}/").content.decode()
    with talking(chromium, chats, chat) as talker:
        talker.open()
        talker.say("hello")
        expect(talker.page.locator("#pb-asked")).to_have_text(hostile)
        expect(talker.page.locator("h1")).to_have_text(hostile)
        expect(talker.page.locator(".pb-greeting")).to_have_text(hostile)
        assert talker.page.evaluate("window.pwned") is None
