"""Every page of the admin, filled with the ordering bot and a hundred conversations, held against what people need."""

from __future__ import annotations

import pytest

from tests.browser.rules import faults_of
from tests.browser.shop import Shop
from tests.browser.site_map import TABLES, pages
from tests.browser.visitor import Visitor

GROUPS = [TABLES[start::4] for start in range(4)]
"""Few, since a hundred conversations are made for each; several, since tests are run side by side."""


@pytest.mark.parametrize("tables", GROUPS, ids="-".join)
def test_its_pages_can_be_used_by_everybody(visitor: Visitor, shop: Shop, tables: list[str]) -> None:
    found = {}
    for name, path in (page for table in tables for page in pages(shop, table).items()):
        assert visitor.go(path).status == 200, name
        found[name] = faults_of(visitor)
    assert not {name: faults for name, faults in found.items() if faults}
