"""Somebody else with all permissions, before the browser: `tests/admin/test_ownership.py` tries every URL besides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.models import Bot
from tests.admin.conftest import make_staff
from tests.admin.world import database
from tests.browser.remote import Chromium
from tests.browser.shop import Shop
from tests.browser.site_map import pages
from tests.browser.visitor import Visitor, visiting


@pytest.fixture
def stranger(chromium: Chromium, site: str) -> Iterator[Visitor]:
    with visiting(chromium, site, make_staff("stranger")) as found:
        yield found
        found.trouble.clear()  # a browser writes on its console that there was a 404


@pytest.mark.parametrize("table", ["bot", "conversation", "conversationtest", "telegrambot"])
def test_pages_of_somebody_elses_bot_are_not_there(stranger: Visitor, bot: Bot, table: str) -> None:
    shop = Shop(bot, talks=3)
    before = database()
    for name, path in pages(shop, table).items():
        if str(shop.rows[table].pk) in path.split("/"):
            assert stranger.go(path).status in {403, 404}, name
    assert database() == before
