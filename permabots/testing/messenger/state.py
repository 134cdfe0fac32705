"""The apps and pages that the stand-in Facebook knows."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from permabots.testing.server_state import Chat, ServerState

DEFAULT_APP = "app"
"""The app of pages that were registered with no other."""


def number_of(text: str, digits: int = 15) -> str:
    """Return a number that is always the same for a text."""
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return str(10 ** (digits - 1) + drawn % (9 * 10 ** (digits - 1)))


@dataclass(slots=True)
class App:
    """An app: one callback URL for all its pages."""

    name: str
    url: str = ""
    secret: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        """The app's id."""
        return number_of(f"app {self.name}")

    def signatures(self, body: bytes) -> dict[str, str]:
        """Return the headers that sign a body; none where the secret is not known."""
        if not self.secret:
            return {}
        key = self.secret.encode()
        return {
            "X-Hub-Signature": f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
        }


@dataclass(slots=True)
class Page:
    """A page."""

    id: str
    name: str
    app: str = DEFAULT_APP
    secret: str = field(default="", repr=False)
    """The app secret it was registered with; "" for that of its app."""
    require_proof: bool = False
    fields: list[str] | None = None
    """What it is subscribed to; None where it is not subscribed."""
    failing_since: float = 0.0
    """When deliveries began to fail, by `time.monotonic`; 0 while they work."""


class MessengerState(ServerState[Chat]):
    """Apps, pages and their tokens, besides what every stand-in remembers."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(lambda _: Chat(), seed)
        self.apps: dict[str, App] = {}
        self.pages: dict[str, Page] = {}
        self.tokens: dict[str, Page] = {}

    def app(self, name: str) -> App:
        """Return an app; the first mention makes it."""
        return self.apps.setdefault(name, App(name))

    def page(self, token: str, page_id: str = "") -> Page:
        """Return the page of a token; the first mention makes it.

        Args:
            token: a page's.
            page_id: makes the token one of this page; "" leaves it with its own.
        """
        page = self.tokens.get(token)
        if page is None or page_id not in ("", page.id):
            number = page_id or number_of(f"page {token}")
            page = self.pages.setdefault(number, Page(number, f"Page {number}"))
            self.tokens[token] = page
        return page

    def secret(self, page: Page) -> str:
        """Return the app secret that proofs are made with, "" where it is not known."""
        return page.secret or self.app(page.app).secret

    def proof(self, page: Page, token: str) -> str:
        """Return the ``appsecret_proof`` of a token."""
        return hmac.new(self.secret(page).encode(), token.encode(), hashlib.sha256).hexdigest()
