"""A person before the page of a web chat: a web server and a worker as processes, and a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from demo.site import Running, Site
from permabots.models import WebBot
from tests.browser.remote import Chromium, expect
from tests.factories import make_bot, make_handler
from tests.servers import Postgres, Redis
from tests.web_chat.talking import make_chat

LOST = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
"""What a browser writes on its console where there is no network, or an answer is a refusal."""
IN_ORDER = """() => [...document.querySelectorAll("#pb-older > li, #pb-list > li")].map(
  (it) => (it.dataset.number || "?") + " " + it.querySelector(".pb-text").textContent)"""


@dataclass
class Chats:
    """A site that serves web chats.

    Args:
        site: its processes.
        worker: the one that answers.
    """

    site: Site
    worker: Running


@pytest.fixture(scope="module")
def chats(
    django_db_setup: None, postgres: Postgres, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chats]:
    """The processes of a site with the rows of the tests; they serve the tests of one file."""
    redis.flush()
    environment = {
        "DATABASE_URL": postgres.url_of(str(connection.settings_dict["NAME"])),
        "SECRET_KEY": settings.SECRET_KEY,
        "CELERY_BROKER_URL": redis.url,
        "CACHE_URL": redis.url.removesuffix("0") + "1",
        "PERMABOTS_SWEEP_INTERVAL": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # what they run is measured in other tests
        site = Site(tmp_path_factory.mktemp("chats"), environment)
        try:
            site.start_web(threads=8)
            yield Chats(site, site.start_worker())
        finally:
            site.kill()


@pytest.fixture
def chat(transactional_db: None, chats: Chats) -> WebBot:
    """A chat whose bot greets, counts in several messages, and says again what it is told."""
    bot = make_bot(name="Corner Shop")
    make_handler(bot, "^hello$", "Hi", keyboard='[["one", "two"], ["three"]]', priority=3)
    make_handler(bot, "^count$", "{% for n in '12345' %}{{ n }}{{ '.' * 3999 }}{% endfor %}", priority=2)
    make_handler(bot, "(?s)^(?P<all>.+)$", "You said {{ pattern.all }}", priority=1)
    return make_chat(bot)


@dataclass
class Talker:
    """Somebody before the page.

    Args:
        page: of Playwright.
        context: what is like the browser's profile.
        address: of the chat's page.
        trouble: what the browser complained of.
    """

    page: Any
    context: Any
    address: str
    trouble: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> Any:
        return self.page.goto(self.address + query)

    def say(self, text: str) -> None:
        """Write something and press Enter."""
        self.page.fill("#pb-text", text)
        self.page.press("#pb-text", "Enter")

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).last.click()

    def hears(self, text: str) -> None:
        """Wait until the bot's newest message is this."""
        expect(self.page.locator(".pb-bot .pb-text").last).to_have_text(text, timeout=20_000)

    def messages(self) -> list[str]:
        """Return all messages with their numbers, in the order in which they are shown."""
        return list(self.page.evaluate(IN_ORDER))

    def another(self) -> Talker:
        """Return the same person before another tab of the browser."""
        return _watched(Talker(self.context.new_page(), self.context, self.address, self.trouble))


@contextmanager
def talking(chromium: Chromium, chats: Chats, chat: WebBot, script: str = "", **values: Any) -> Iterator[Talker]:
    """Open a browser for somebody whom nobody knows, and look that it complains of nothing.

    Args:
        chromium: the browser.
        chats: the site.
        chat: the chat.
        script: what runs before the scripts of a page.
        values: of the context: its size, its language, whether it has JavaScript.
    """
    context = chromium.context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en", **values})
    try:
        if script:
            context.add_init_script(script)
        talker = _watched(Talker(context.new_page(), context, f"{chats.site.url}/chat/{chat.slug}/"))
        yield talker
        assert not talker.trouble, f"the browser complains: {talker.trouble}"
    finally:
        context.close()


def _watched(talker: Talker) -> Talker:
    talker.page.on("console", lambda message: _complain(talker, message))
    talker.page.on("pageerror", lambda error: talker.trouble.append(str(error)))
    return talker


def _complain(talker: Talker, message: Any) -> None:
    if message.type in {"error", "warning"} and not any(it in message.text for it in LOST):
        talker.trouble.append(message.text)


def wait_for(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is true of the rows."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it has not become true"
        time.sleep(0.05)
