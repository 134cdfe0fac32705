"""The web chat on pages of other sites, in a frame that the browser itself guards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.models import WebBot, WebVisitor
from permabots.pipeline.authoring.integrations import change
from tests.browser.chat import Chats, Talker, chat, chats, talking
from tests.browser.host_site import HostSite
from tests.browser.remote import Chromium, expect
from tests.factories import make_bot, make_handler
from tests.web_chat.signing import SECRET, signed
from tests.web_chat.talking import make_chat

__all__ = ["chat", "chats"]

BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });"""


@pytest.fixture
def shop(chats: Chats, chat: WebBot) -> Iterator[HostSite]:
    """A site that the chat names, with its launcher."""
    with HostSite(chats.site.url) as site:
        change(chat, {"origins": [site.origin]}, enabled=True)  # type: ignore[dict-item] # a list
        site.shows(chats.site.url, chat.slug)
        yield site


@pytest.fixture
def person(chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite) -> Iterator[Talker]:
    """Somebody before the shop's page."""
    with talking(chromium, chats, chat) as talker:
        talker.page.goto(shop.origin)
        yield talker


def launcher(page: Any) -> Any:
    return page.locator("body > button").first


def frame(page: Any, number: int = 0) -> Any:
    return page.frame_locator("iframe").nth(number) if number else page.frame_locator("iframe").first


def say(page: Any, text: str, answer: str, number: int = 0) -> None:
    """Say something in a chat in a frame, and wait for the answer."""
    field = frame(page, number).locator("#pb-text")
    field.fill(text)
    field.press("Enter")
    expect(frame(page, number).locator(".pb-bot .pb-text").last).to_have_text(answer, timeout=20_000)


def open_chat(page: Any) -> None:
    launcher(page).click()
    expect(frame(page).locator("#pb-text")).to_be_focused(timeout=20_000)


def kept(page: Any) -> dict[str, str]:
    return dict(page.evaluate("() => ({ ...localStorage })"))


def test_a_site_that_is_named_frames_the_chat_and_it_talks(person: Talker) -> None:
    open_chat(person.page)
    say(person.page, "hello", "Hi")
    frame(person.page).get_by_role("button", name="two", exact=True).click()
    expect(frame(person.page).locator(".pb-bot .pb-text").last).to_have_text("You said two", timeout=20_000)


def test_nothing_is_asked_for_or_stored_before_somebody_opens_it(
    person: Talker, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    asked: list[str] = []
    person.context.on("request", lambda request: asked.append(request.url))
    person.page.goto(shop.origin)
    expect(launcher(person.page)).to_be_visible()
    person.page.wait_for_timeout(500)
    assert asked[0] == shop.origin + "/"
    assert {*asked[1:]} <= {f"{chats.site.url}/chat/launcher.js", f"{shop.origin}/favicon.ico"}
    assert kept(person.page) == {}
    assert person.context.cookies() == []
    open_chat(person.page)
    assert kept(person.page) == {}
    assert person.context.cookies() == []
    assert not WebVisitor.objects.exists()


def test_a_site_that_is_not_named_cannot_frame_it(
    chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    with HostSite(chats.site.url) as other, talking(chromium, chats, chat) as stranger:
        other.shows(chats.site.url, chat.slug)
        stranger.page.goto(other.origin)
        launcher(stranger.page).click()
        stranger.page.wait_for_timeout(2000)
        assert frame(stranger.page).locator("#pb-text").count() == 0
        assert any("frame-ancestors" in words for words in stranger.trouble)
        stranger.trouble.clear()


def test_a_site_under_another_name_of_the_same_machine_is_another_site(
    chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    with talking(chromium, chats, chat) as stranger:
        stranger.page.goto(shop.origin.replace("127.0.0.1", "localhost"))
        launcher(stranger.page).click()
        stranger.page.wait_for_timeout(2000)
        assert frame(stranger.page).locator("#pb-text").count() == 0
        assert any("frame-ancestors" in words for words in stranger.trouble)
        stranger.trouble.clear()


def test_the_conversation_is_there_after_the_page_is_loaded_again(person: Talker, chats: Chats, chat: WebBot) -> None:
    open_chat(person.page)
    say(person.page, "hello", "Hi")
    (key,) = kept(person.page)
    assert key == f"permabots:{chats.site.url}/chat/{chat.slug}"
    person.page.reload()
    open_chat(person.page)
    expect(frame(person.page).locator(".pb-bot .pb-text").last).to_have_text("Hi", timeout=20_000)
    assert WebVisitor.objects.count() == 1


def test_it_talks_where_the_sites_storage_is_blocked(
    chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    with talking(chromium, chats, chat, BLOCKED) as somebody:
        somebody.page.goto(shop.origin)
        open_chat(somebody.page)
        say(somebody.page, "hello", "Hi")
        somebody.page.evaluate("permabots.close()")
        open_chat(somebody.page)
        say(somebody.page, "again", "You said again")
        assert WebVisitor.objects.count() == 1


def test_two_chats_of_one_page_do_not_share_a_session(
    chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    bot = make_bot(name="Other")
    make_handler(bot, "(?s).*", "Other here")
    second = make_chat(bot, origins=[shop.origin])
    shop.shows(chats.site.url, chat.slug, second.slug)
    with talking(chromium, chats, chat) as somebody:
        somebody.page.goto(shop.origin)
        expect(somebody.page.locator("body > button")).to_have_count(2)
        for number, (slug, answer) in enumerate([(chat.slug, "Hi"), (second.slug, "Other here")]):
            somebody.page.evaluate(f"permabots.open('{slug}')")
            where = somebody.page.frame_locator(f"#permabots-{slug} iframe")
            where.locator("#pb-text").fill("hello")
            where.locator("#pb-text").press("Enter")
            expect(where.locator(".pb-bot .pb-text").last).to_have_text(answer, timeout=20_000)
            somebody.page.evaluate(f"permabots.close('{slug}')")
            assert len(kept(somebody.page)) == number + 1
        assert len({*kept(somebody.page).values()}) == 2
        assert WebVisitor.objects.count() == 2


def test_escape_closes_it_and_the_focus_returns_to_the_button(person: Talker) -> None:
    page = person.page
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    launcher(page).focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    expect(frame(page).locator("#pb-text")).to_be_focused(timeout=20_000)
    assert panel.get_attribute("id") == launcher(page).get_attribute("aria-controls")
    expect(panel).to_have_attribute("aria-label", "Corner Shop")
    expect(page.locator("iframe")).to_have_attribute("title", "Corner Shop")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


def test_logging_out_leaves_neither_a_token_nor_a_view(person: Talker) -> None:
    open_chat(person.page)
    say(person.page, "hello", "Hi")
    person.page.evaluate("permabots.logout()")
    assert kept(person.page) == {}
    assert person.page.locator("iframe").count() == 0
    expect(person.page.get_by_role("dialog")).to_be_hidden()
    open_chat(person.page)
    expect(frame(person.page).locator("#pb-list > li")).to_have_count(0)


def test_logging_out_in_one_tab_takes_the_view_from_the_others(person: Talker, shop: HostSite) -> None:
    open_chat(person.page)
    say(person.page, "hello", "Hi")
    other = person.another()
    other.page.goto(shop.origin)
    other.page.evaluate("permabots.logout()")
    expect(frame(person.page).locator("#pb-text")).to_be_visible(timeout=20_000)
    expect(frame(person.page).locator("#pb-list > li")).to_have_count(0, timeout=20_000)


def test_who_a_site_signs_is_found_again_and_nobody_after_them_sees_it(
    person: Talker, chat: WebBot, shop: HostSite
) -> None:
    change(chat, {"identity": "optional", "identity_secret": SECRET}, enabled=True)
    ann, page = signed(chat), person.page
    page.evaluate(f"permabots.identify('{ann}')")
    open_chat(page)
    say(page, "hello", "Hi")
    assert kept(page) == {}  # a signature opens the conversation, no token is left behind
    page.reload()
    open_chat(page)
    expect(frame(page).locator("#pb-list > li")).to_have_count(0)
    page.evaluate(f"permabots.identify('{ann}')")
    expect(frame(page).locator(".pb-bot .pb-text").last).to_have_text("Hi", timeout=20_000)
    page.evaluate(f"permabots.identify('{signed(chat, id='bob')}')")
    expect(frame(page).locator("#pb-text")).to_be_visible(timeout=20_000)
    expect(frame(page).locator("#pb-list > li")).to_have_count(0, timeout=20_000)


def test_it_stands_inside_of_a_page(chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite) -> None:
    shop.shows(chats.site.url, chat.slug, inline="#here", lang="de")
    with talking(chromium, chats, chat) as somebody:
        somebody.page.goto(shop.origin)
        expect(somebody.page.frame_locator("#here iframe").locator("html")).to_have_attribute("lang", "de")
        assert somebody.page.locator("body > button").count() == 0
        say(somebody.page, "hello", "Hi")


def test_the_sites_address_is_told_only_where_its_page_says_so(
    chromium: Chromium, chats: Chats, chat: WebBot, shop: HostSite
) -> None:
    make_handler(chat.bot, "^where$", "{{ message.page }}.", name="where", priority=9)
    for data, answer in (({}, "."), ({"page": ""}, f"{shop.origin}/basket.")):
        shop.shows(chats.site.url, chat.slug, **data)
        with talking(chromium, chats, chat) as somebody:
            somebody.page.goto(f"{shop.origin}/basket?secret=1#2")
            open_chat(somebody.page)
            say(somebody.page, "where", answer)


def test_a_message_of_anybody_else_is_not_listened_to(person: Talker) -> None:
    """The page itself, and a frame of the chat's origin that is not the launcher's, are somebody else."""
    open_chat(person.page)
    say(person.page, "hello", "Hi")
    before = kept(person.page)
    forged = "for (const kind of ['token', 'close']) postMessage({ permabots: kind, token: 'forged' }, '*')"
    person.page.evaluate(forged)
    person.page.wait_for_timeout(300)
    assert kept(person.page) == before
    expect(person.page.get_by_role("dialog")).to_be_visible()


def test_a_page_hears_how_much_is_unread(person: Talker) -> None:
    page = person.page
    page.evaluate("addEventListener('permabots:unread', (event) => (window.heard = event.detail))")
    open_chat(page)
    page.wait_for_function("window.heard && window.heard.count === 0")
    assert page.evaluate("window.heard.bot")
