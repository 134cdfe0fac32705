"""Every page of permabots' admin, taken from the admin itself."""

from __future__ import annotations

import re

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from tests.admin.test_ownership import ROUTES, table_of
from tests.admin.world import TABLES
from tests.browser.shop import Shop

__all__ = ["TABLES", "pages"]

CALLED_BY_SCRIPT = ("_say", "_save")
"""Routes that are no pages."""
ROWS = ("_changelist", "_add")
"""Routes that are of no row."""
SHOWS_MORE = "handler_add"
"""The form that shows more when its bot is known."""
LIKE_THE_BOTS = re.compile(r"(?<!_bot)_history$")
"""Pages of Django's that say the same of each table: the bot's stands for all."""


def pages(shop: Shop, table: str) -> dict[str, str]:
    """Return the pages of a table: their names and paths, filled with the shop's rows.

    The form that shows more when its bot is known is there twice.
    """
    row = shop.rows[table]
    found = {
        route.removeprefix("permabots_"): reverse(f"admin:{route}", args=[] if route.endswith(ROWS) else [row.pk])
        for route in ROUTES
        if table_of(route) == table and not route.endswith(CALLED_BY_SCRIPT) and _is_offered(route, table)
        if not LIKE_THE_BOTS.search(route)
    }
    known = {f"{name} to a bot": f"{path}?bot={shop.bot.pk}" for name, path in found.items() if name == SHOWS_MORE}
    return {**found, **known}


def _is_offered(route: str, table: str) -> bool:
    """Whether somebody with all permissions has the page: nobody makes or deletes by hand what came in."""
    (page,) = (it for model, it in admin.site._registry.items() if model._meta.model_name == table)
    request = HttpRequest()
    request.user = Anybody()
    may = {"_add": page.has_add_permission, "_delete": page.has_delete_permission}
    return all(allows(request) for end, allows in may.items() if route.endswith(end))


class Anybody:
    """Somebody with all permissions."""

    def has_perm(self, name: str) -> bool:
        return True
