"""The bots that the stand-in Kik knows."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from permabots.testing.server_state import Chat, ServerState
from permabots.values import Json

NO_WEBHOOK = "https://example.com"
"""The webhook of a bot that wants to be told nothing: Kik does not take an empty one."""


@dataclass(slots=True)
class Bot:
    """A bot's account."""

    username: str
    key: str = field(default="", repr=False)
    """The API key that was taken last."""
    webhook: str = ""
    features: dict[str, Json] = field(default_factory=dict)
    static_keyboard: Json = None
    people: dict[str, str] = field(default_factory=dict)
    """Those who wrote to it, with the chat they last wrote in."""

    @property
    def is_told(self) -> bool:
        """Whether it has a webhook."""
        return bool(self.webhook) and urlsplit(self.webhook).hostname != urlsplit(NO_WEBHOOK).hostname

    def config(self) -> dict[str, Json]:
        """Return its configuration in Kik's form."""
        config: dict[str, Json] = {"webhook": self.webhook, "features": self.features}
        return config if self.static_keyboard is None else {**config, "staticKeyboard": self.static_keyboard}

    def signatures(self, body: bytes) -> dict[str, str]:
        """Return the headers that sign a body and name the bot."""
        digest = hmac.new(self.key.encode(), body, hashlib.sha1).hexdigest()
        return {"X-Kik-Username": self.username, "X-Kik-Signature": digest.upper()}


class KikState(ServerState[Chat]):
    """Bots by their usernames, which are the same in any case, besides what every stand-in remembers."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(lambda _: Chat(), seed)
        self.bots: dict[str, Bot] = {}

    def bot(self, username: str) -> Bot:
        """Return a bot; the first mention makes it."""
        return self.bots.setdefault(username.lower(), Bot(username))


def credentials(authorization: str) -> tuple[str, str]:
    """Return username and key of a header of Basic authentication; "" where it is none."""
    kind, _, encoded = authorization.partition(" ")
    try:
        username, _, key = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no UTF-8 in it
        return "", ""
    return (username, key) if kind.lower() == "basic" else ("", "")
