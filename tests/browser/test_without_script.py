"""All pages but the playground work in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from permabots.models import Bot
from tests.browser.remote import Chromium, expect
from tests.browser.shop import Shop
from tests.browser.site_map import TABLES, pages
from tests.browser.visitor import Visitor, visiting


@pytest.fixture
def plain(chromium: Chromium, site: str, author: Any) -> Iterator[Visitor]:
    """The author, before a browser without JavaScript."""
    with visiting(chromium, site, author, java_script_enabled=False) as found:
        yield found


def test_every_page_shows_what_it_is_about(plain: Visitor, bot: Bot) -> None:
    shop = Shop(bot, talks=3)
    for table in TABLES:
        for name, path in pages(shop, table).items():
            assert plain.go(path, until="domcontentloaded").status == 200, name
            assert plain.page.locator("#content h1").inner_text(), name
    assert not [url for url in plain.asked if url.endswith(".js")]


def test_the_playground_says_that_it_needs_it(plain: Visitor, bot: Bot) -> None:
    plain.open("bot_playground", bot.pk)
    expect(plain.page.locator("noscript .errornote")).to_have_text("This page needs JavaScript.")


def test_a_handler_is_changed(plain: Visitor, bot: Bot) -> None:
    plain.open("handler_change", bot.handlers.get(name="choose").pk)
    plain.page.fill("[name=text_template]", "{% if %}")
    plain.save()
    expect(plain.page.locator(".field-text_template .errorlist")).to_contain_text("line 1")
    plain.page.fill("[name=text_template]", "Really?")
    plain.page.fill("[name=urlparam-0-key]", "lang")
    plain.page.fill("[name=urlparam-0-value_template]", "en")
    plain.save()
    expect(plain.page.locator(".messagelist")).to_contain_text("was changed successfully")
    handler = bot.handlers.get(name="choose")
    assert (handler.response.text_template, handler.request.url_parameters.get().key) == ("Really?", "lang")


def test_a_trace_is_opened(plain: Visitor, bot: Bot) -> None:
    shop = Shop(bot, talks=1)
    plain.open("conversation_change", shop.rows["conversation"].pk)
    plain.page.locator("summary").first.click()
    expect(plain.page.locator("details").first).to_contain_text("its pattern is not found in the text")


def test_webhooks_are_checked_by_an_action(plain: Visitor, bot: Bot) -> None:
    plain.open("bot_changelist")
    plain.page.check("[name=_selected_action]")
    plain.page.select_option("[name=action]", label="Check the webhook")
    plain.page.click("button[name=index]")
    expect(plain.page.locator(".messagelist")).to_contain_text("processing/telegrambot/")
