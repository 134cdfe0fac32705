"""Every page of the admin, filled with the ordering bot and a hundred conversations, held against what people need."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import axe
from tests.browser.shop import Shop, make_shop
from tests.browser.site_map import TABLES, pages
from tests.browser.visitor import Visitor

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def shop(author: Any) -> Shop:
    return Shop(make_shop(author))


@pytest.mark.parametrize("table", TABLES)
def test_its_pages_can_be_used_by_everybody(visitor: Visitor, shop: Shop, table: str) -> None:
    found = {}
    for name, path in pages(shop, table).items():
        assert visitor.go(path).status == 200, name
        found[name] = faults_of(visitor)
    assert not {name: faults for name, faults in found.items() if faults}


def faults_of(visitor: Visitor) -> list[str]:
    """Return what is wrong with the page that is open: by axe-core in light and dark, and on a phone."""
    page = visitor.page
    light = axe.faults(page)
    page.emulate_media(color_scheme="dark")
    dark = [f"dark: {fault}" for fault in axe.faults(page, "color-contrast", "link-in-text-block")]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    phone = [f"{wider} pixels wider than a phone"] if (wider := page.evaluate(SIDEWAYS)) > 0 else []
    page.set_viewport_size(DESK)
    return [*light, *dark, *phone]
