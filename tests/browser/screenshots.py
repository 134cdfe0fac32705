"""The pictures of the documentation: `make screenshots` takes them anew. They are no tests, so `make test` leaves them.

The bot, its conversations and their moments are always the same; ids and what is called "today" are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from demo.shop import MENU
from permabots.models import Bot
from tests.browser.playground import answer_instead, opened
from tests.browser.remote import Chromium
from tests.browser.rules import PHONE
from tests.browser.shop import Shop, make_shop
from tests.browser.visitor import Visitor, visiting

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1180, "height": 700}
WIDE = {"width": 1280, "height": 1060}
CLOSED = "localStorage.setItem('django.admin.navSidebarIsOpen', 'false')"
"""Django's list of all tables is folded away: it takes a quarter of a picture."""


@pytest.fixture
def bot(author: Any, settings: Any) -> Bot:
    settings.PERMABOTS = {**settings.PERMABOTS, "WEBHOOK_DOMAIN": "https://bots.example.com"}
    return make_shop(author, "https://shop.example.com/api")


@contextmanager
def looking(chromium: Chromium, site: str, user: Any, **values: Any) -> Iterator[Visitor]:
    """Open a browser's page for a picture."""
    with visiting(chromium, site, user, **{"viewport": SIZE, **values}) as visitor:
        visitor.page.add_init_script(CLOSED)
        yield visitor


def take(visitor: Visitor, name: str, height: int = 0) -> None:
    """Take a picture of what is to be seen.

    Args:
        visitor: before the page.
        name: of the file.
        height: how much of the page; 0 for as much as the window shows.
    """
    page = visitor.page
    page.evaluate("document.getAnimations().forEach((it) => it.finish())")
    if height:
        page.evaluate("scrollTo(0, 0)")
    size = page.viewport_size
    if height:
        page.set_viewport_size({**size, "height": height})
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    page.set_viewport_size(size)


PAGES: dict[str, tuple[str, str, int]] = {
    "bots": ("bot_changelist", "", 420),
    "bot": ("bot_change", "bot", 1420),
    "handler": ("handler_change", "handler", 1860),
    "account": ("telegrambot_change", "telegrambot", 820),
    "account-kik": ("kikbot_change", "kikbot", 760),
    "account-messenger": ("messengerbot_change", "messengerbot", 900),
    "state": ("state_change", "state", 480),
    "hook": ("hook_change", "hook", 1500),
    "variable": ("environmentvar_change", "environmentvar", 490),
    "message": ("inboundmessage_change", "inboundmessage", 1100),
    "call": ("outboundmessage_change", "outboundmessage", 1180),
    "notification": ("notification_change", "notification", 820),
    "chat-state": ("chatstate_change", "chatstate", 900),
    "person": ("contact_change", "contact", 560),
    "test": ("conversationtest_change", "conversationtest", 900),
    "messages": ("inboundmessage_changelist", "", 640),
    "conversations": ("conversation_changelist", "", 640),
    "handlers": ("handler_changelist", "", 560),
    "hooks": ("hook_changelist", "", 560),
    "states": ("state_changelist", "", 560),
    "variables": ("environmentvar_changelist", "", 560),
    "accounts": ("telegrambot_changelist", "", 560),
    "calls": ("outboundmessage_changelist", "", 560),
    "notifications": ("notification_changelist", "", 560),
    "chat-states": ("chatstate_changelist", "", 560),
    "people": ("contact_changelist", "", 560),
    "diagram": ("bot_diagram", "bot", 760),
}
"""Pictures of pages as they open -> the page, the table of the row it is of, and how high they are."""


@pytest.mark.parametrize("name", PAGES)
def test_page(chromium: Chromium, site: str, author: Any, shop: Shop, name: str) -> None:
    page, table, height = PAGES[name]
    with looking(chromium, site, author) as visitor:
        visitor.open(page, *([shop.rows[table].pk] if table else []))
        take(visitor, name, height)


def test_transcript(chromium: Chromium, site: str, author: Any, shop: Shop) -> None:
    with looking(chromium, site, author) as visitor:
        visitor.open("conversation_change", shop.rows["conversation"].pk)
        visitor.page.locator("summary").nth(2).click()
        take(visitor, "transcript", 1340)


def talk(visitor: Visitor, bot: Bot) -> None:
    """Order a flat white on each messenger, but for the last word."""
    columns = opened(visitor, bot)
    answer_instead(visitor.page, json.dumps(list(MENU.values()), ensure_ascii=False))
    visitor.page.fill("#say-everywhere", "/start")
    visitor.page.click("#send-everywhere")
    for column in columns:
        column.hears("What would you like?")
    answer_instead(visitor.page, json.dumps(MENU["flat_white"]))
    for column in columns:
        column.press("order flat_white" if column.service == "kik" else "Flat white")
        column.hears("Shall I order it?")


LOOKS: dict[str, dict[str, Any]] = {
    "playground": {"viewport": WIDE},
    "playground-dark": {"viewport": WIDE, "color_scheme": "dark"},
    "playground-phone": {"viewport": PHONE},
}


@pytest.mark.parametrize("name", LOOKS)
def test_playground(chromium: Chromium, site: str, author: Any, bot: Bot, name: str) -> None:
    with looking(chromium, site, author, **LOOKS[name]) as visitor:
        talk(visitor, bot)
        if name.endswith("phone"):
            visitor.page.locator("#heading-telegram").scroll_into_view_if_needed()
        take(visitor, name)


def test_why(chromium: Chromium, site: str, author: Any, bot: Bot) -> None:
    with looking(chromium, site, author) as visitor:
        column = opened(visitor, bot)[0]
        column.say("order cake")
        column.hears("I did not understand")
        column.log.locator("summary").click()
        column.log.evaluate("it => { it.scrollTop = 0; }")
        visitor.page.locator(f"#playground-{column.service}").screenshot(path=str(IMAGES / "playground-why.png"))


def test_failing_test(chromium: Chromium, site: str, author: Any, shop: Shop) -> None:
    response = shop.bot.handlers.get(name="choose").response
    response.text_template = "One {{ response.data.name }}?"
    response.save()
    with looking(chromium, site, author) as visitor:
        visitor.open("conversationtest_changelist")
        visitor.page.check("#action-toggle")
        visitor.page.select_option("[name=action]", label="Run")
        visitor.page.click("button[name=index]")
        take(visitor, "failing-test", 640)


def test_error(chromium: Chromium, site: str, author: Any, shop: Shop) -> None:
    with looking(chromium, site, author) as visitor:
        visitor.open("handler_change", shop.rows["handler"].pk)
        visitor.fill(text_template="{% if response.status == 200 %}\n{{ response.data.name }\n{% endif %}")
        visitor.save()
        visitor.page.locator(".field-text_template").scroll_into_view_if_needed()
        take(visitor, "error")
