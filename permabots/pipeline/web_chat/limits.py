"""How much one person may do in web chats, counted by what they cannot change."""

from __future__ import annotations

from dataclasses import dataclass

from permabots.exceptions import WebChatRefused
from permabots.security import counters


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in windows of the clock.

    Args:
        name: its name in the cache.
        most: how often, in a window.
        seconds: the length of a window.
        words: what is limited, for the person.
    """

    name: str
    most: int
    seconds: int
    words: str

    def count(self, whom: str) -> None:
        """Count, and refuse what is beyond the limit.

        Args:
            whom: what is counted together.

        Raises:
            WebChatRefused: with 429 and the seconds until the window ends.
        """
        if counters.count(self.name, whom, self.most, self.seconds) > self.most:
            wait = counters.rest_of_window(self.seconds)
            raise WebChatRefused(f"{self.words}: at most {self.most}.", status=429, retry_after=wait)


MESSAGES = Limit("web_messages", 20, 60, "Too many messages in a minute")
POLLS = Limit("web_polls", 120, 60, "Too many calls in a minute")
NEW_BY_ADDRESS = Limit("web_new_address", 30, 3600, "Too many new conversations from one address in an hour")
NEW_BY_BOT = Limit("web_new_bot", 600, 3600, "Too many new conversations in an hour")
