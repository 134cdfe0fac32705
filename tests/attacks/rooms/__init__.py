"""The kinds of hostile inputs, and how each goes in.

A room more is a data file beside this folder and a module here with what `Room` asks for.
"""

from __future__ import annotations

from typing import Protocol

from tests.attacks.entries import Entry
from tests.attacks.house import House
from tests.attacks.measuring import Watch
from tests.attacks.rooms import calls, patterns, templates, webhooks
from tests.attacks.verdict import Seen


class Room(Protocol):
    """How the inputs of one kind go in. Each method takes an entry in, step by step under a watch."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        """Have the web server deal with an entry."""

    def in_worker(self, house: House, entry: Entry, watch: Watch) -> Seen | None:
        """Have the worker deal with an entry; None where the web server refuses it, so that none ever sees it."""

    def tidy(self, house: House, entry: Entry) -> None:
        """Take away what an entry has left in the author's bot."""


ROOMS: dict[str, Room] = {
    "templates": templates.Templates(),
    "patterns": patterns.Patterns(),
    "webhooks": webhooks.Webhooks(),
    "calls": calls.Calls(),
}
