"""The playground as a person uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from permabots.models import Bot
from tests.browser.remote import expect
from tests.browser.visitor import Visitor


@dataclass
class Column:
    """One messenger's column of the page.

    Args:
        page: of Playwright.
        service: the messenger's slug.
    """

    page: Any
    service: str

    @property
    def log(self) -> Any:
        return self.page.locator(f"#log-{self.service}")

    def say(self, text: str) -> None:
        self.page.fill(f"#say-{self.service}", text)
        self.page.click(f"#send-{self.service}")

    def press(self, label: str) -> None:
        """Press the last button that begins so: a messenger may cut what it shows."""
        self.log.get_by_role("button", name=re.compile(f"^{re.escape(label)}")).last.click()

    def hears(self, text: str) -> None:
        """Wait until the last message of the bot holds this."""
        expect(self.log.locator(".permabots-pg-text").last).to_contain_text(text)

    def is_in(self, state: str) -> None:
        """Wait until the chat is in a state."""
        expect(self.page.locator(f"#state-{self.service}")).to_have_text(state)

    def save(self, name: str) -> None:
        """Keep the conversation as a test."""
        self.page.fill(f"#name-{self.service}", name)
        self.page.click(f"#keep-{self.service}")
        expect(self.page.locator(f"#saved-{self.service}")).to_have_text(f"Saved as {name}.")


def opened(visitor: Visitor, bot: Bot) -> list[Column]:
    """Open the playground from the bot's page; returns its columns."""
    visitor.open("bot_change", bot.pk)
    visitor.page.get_by_role("link", name="Talk to it").click()
    visitor.page.wait_for_load_state()
    roots = visitor.page.locator("[data-service]").all()
    return [Column(visitor.page, root.get_attribute("data-service")) for root in roots]


def answer_instead(page: Any, data: str, status: int = 200) -> None:
    """Type in what the API is to answer."""
    page.fill("#api-status", str(status))
    page.fill("#api-data", data)
