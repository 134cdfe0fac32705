"""Somebody in front of the browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.browser.remote import Chromium

ICON = "/favicon.ico"
"""Browsers ask for one by themselves, and the admin has none."""


@dataclass
class Visitor:
    """Somebody with a page before them, and what the browser complained of meanwhile.

    Args:
        page: of Playwright.
        server: the address of the site.
        asked: the addresses that the browser asked for.
        trouble: errors on the console, violations of the policy among them, and of scripts.
    """

    page: Any
    server: str
    asked: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def open(self, name: str, *ids: Any, query: str = "") -> Any:
        """Open a page of permabots by its name, without ``admin:permabots_``."""
        return self.go(reverse(f"admin:permabots_{name}", args=ids) + query)

    def go(self, path: str, until: str = "load") -> Any:
        """Open a page by its path, and wait until so much of it is there; returns the answer."""
        return self.page.goto(self.server + path, wait_until=until)

    def fill(self, **values: Any) -> None:
        """Type into a form of Django's, by the names of its fields; a bool ticks, a list chooses."""
        for name, value in values.items():
            place = self.page.locator(f"[name='{name}']")
            if isinstance(value, bool):
                place.set_checked(value)
            elif isinstance(value, list) or place.evaluate("it => it.tagName") == "SELECT":
                place.select_option(label=value)
            else:
                place.fill(str(value))

    def save(self) -> None:
        """Press Save."""
        self.page.click("input[name=_save]")

    @property
    def elsewhere(self) -> list[str]:
        """What the browser asked for that is not the site's."""
        return [url for url in self.asked if not url.startswith(f"{self.server}/")]

    def check(self) -> None:
        """Raise AssertionError where something was asked for elsewhere, or the browser complained."""
        assert not self.elsewhere, f"asked for elsewhere: {self.elsewhere}"
        assert not self.trouble, f"the browser complains: {self.trouble}"


@contextmanager
def visiting(chromium: Chromium, server: str, user: Any, **values: Any) -> Iterator[Visitor]:
    """Open a browser's page for somebody who is logged in.

    Args:
        chromium: the browser.
        server: the address of the site.
        user: who.
        values: of the context: its size, whether it has JavaScript, light or dark.
    """
    context = chromium.context(**{"viewport": {"width": 1280, "height": 800}, **values})
    try:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": server}])
        visitor = Visitor(context.new_page(), server)
        context.on("request", lambda request: visitor.asked.append(request.url))
        context.on("console", lambda message: _complain(visitor, message))
        visitor.page.on("pageerror", lambda error: visitor.trouble.append(str(error)))
        yield visitor
        visitor.check()
    finally:
        context.close()


def _complain(visitor: Visitor, message: Any) -> None:
    where = message.location.get("url", "")
    if message.type in {"error", "warning"} and not where.endswith(ICON):
        visitor.trouble.append(f"{message.text} ({where})")


def session_of(user: Any) -> str:
    """Log somebody in; returns the value of the cookie."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
