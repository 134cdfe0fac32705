"""The scripts of every page are light. `pytest -s` shows what each page weighs."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from permabots.models import Bot
from tests.browser.shop import Shop
from tests.browser.site_map import TABLES, pages
from tests.browser.visitor import Visitor
from tests.browser.weights import MOST, ours, scripts_in, weigh


def test_no_page_has_more_script_than_a_phone_likes(bot: Bot) -> None:
    client, shop = Client(), Shop(bot, talks=3)
    client.force_login(bot.owner)
    found = {
        name: weigh(scripts_in(client.get(path).content.decode()), client)
        for table in TABLES
        for name, path in pages(shop, table).items()
    }
    print(f"\n{'page':<32} {'permabots':>9} {'in all':>9}  bytes of script, compressed")
    for name, weights in found.items():
        print(f"{name:<32} {ours(weights):>9} {sum(weights.values()):>9}")
    assert not {name for name, weights in found.items() if sum(weights.values()) > MOST}


@pytest.mark.parametrize("name", ["bot_playground", "handler_change"])
def test_a_browser_loads_what_the_page_names_and_no_more(visitor: Visitor, bot: Bot, name: str) -> None:
    row = bot if name == "bot_playground" else bot.handlers.all()[0]
    named = set(scripts_in(visitor.open(name, row.pk).text()))
    loaded = {path for url in visitor.asked if (path := urlsplit(url).path).endswith(".js")}
    assert {path for path in named if path.endswith(".js")} == loaded
