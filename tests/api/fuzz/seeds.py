"""What there is when a generated call comes: one row of each kind, whatever the calls before it did."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rest_framework.authtoken.models import Token
from schemathesis.generation.meta import TestPhase

from permabots.models import Bot, Conversation
from permabots.models.registry import providers
from tests.api.fuzz.snapshot import Snapshot
from tests.api.world import ROUTES, World
from tests.factories import credentials_of, make_bot, make_user

BY_PATH = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)): route for route in ROUTES}
STATE = "menu"
"""A state that the bot has."""
WITH_STATE, WITHOUT_STATE = "7", "8"
"""Chats that it knows on each provider, and the people in them: one that is in a state, one in none."""


class Rows(World):
    """What every bot of a test has, with accounts that the stand-ins know, and on each a chat without a state."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        for slug, row in self.accounts.items():
            row.update_identity(row.client().identify())
            person = WITHOUT_STATE if providers()[slug].has_users else ""
            Conversation.objects.create(bot=bot, provider=slug, chat_id=WITHOUT_STATE, user_id=person)


@dataclass
class Seeds:
    """The rows of one user, put back after each call that changed them.

    In the stateful phase calls follow upon each other: what was changed stays, and what is gone does not come back. The
    calls after it have rows of another bot.

    Args:
        counts: operation -> status -> how many answers.
    """

    counts: dict[str, Counter[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.user = make_user()
        self.token = Token.objects.create(user=self.user).key
        self.rows = Rows(make_bot(owner=self.user))
        self.snapshot = Snapshot()

    def fill(self, case: Any) -> None:
        """Put what exists into a call; what was made wrong on purpose stays wrong, and what a link gave is known."""
        wrong = {place.value for place, info in case.meta.components.items() if info.mode.is_negative}
        wanted = self.rows.values(BY_PATH[case.operation.path])
        if wanted and "path" not in wrong:
            linked = case._override.path_parameters if case._override else {}
            case.path_parameters = {name: str(value) for name, value in wanted.items()} | linked
        if isinstance(case.body, dict) and "body" not in wrong:
            case.body = {**case.body, **self._known(case)}
        if "If-Match" in case.headers and self._often(case):
            case.headers["If-Match"] = "*"  # no schema says which version a row has

    def _known(self, case: Any) -> dict[str, Any]:
        """Return values for some of a body's fields: no schema says which states, chats and accounts there are."""
        if case.operation.path == "/tokens/" and self._often(case):
            return {"scopes": ["read"], "all_bots": True, "bots": [], "expires_at": None}
        slug = next((slug for slug in providers() if f"/{slug}/" in case.operation.path), "")
        if not slug or not self._often(case):
            return {}
        new = case.method == "POST"
        chat = WITHOUT_STATE if new else WITH_STATE
        place = int(chat) if providers()[slug].integer_ids else chat
        row = self.rows.accounts[slug]
        mine = {name: getattr(row, name) for name in credentials_of(slug)}
        if "chatstates" in case.operation.path:
            known = {"state": {"name": STATE}, "chat": place, "user": place}
        elif "recipients" in case.operation.path:
            known = {"chat_id": place}
        else:
            known = credentials_of(slug) if new else mine
        return {name: value for name, value in known.items() if name in case.body}

    def _often(self, case: Any) -> bool:
        """Whether the call is one of the two in three that are to find what they name."""
        return sum(self.counts.get(case.operation.label, Counter()).values()) % 3 > 0

    def note(self, case: Any, status: int) -> None:
        """Count an answer, and put the rows back where it changed them."""
        self.counts.setdefault(case.operation.label, Counter())[status] += 1
        if status >= 300 or case.method == "GET":
            return
        if case.meta.phase.name != TestPhase.STATEFUL:
            self.snapshot.restore()
        elif case.method == "DELETE":
            self.rows = Rows(make_bot(owner=self.user))

    def table(self) -> str:
        """Return how many answers of 2xx each operation gave, of how many."""
        lines = [f"{_good(found):6} of {found.total():6}  {name}" for name, found in sorted(self.counts.items())]
        total = sum(found.total() for found in self.counts.values())
        good = sum(map(_good, self.counts.values()))
        return "\n".join(["", *lines, f"{total} calls of {len(lines)} operations, {good} of them answered 2xx"])

    def fewest(self) -> int:
        """Return the fewest answers of 2xx that an operation gave."""
        return min(map(_good, self.counts.values()))


def _good(found: Counter[int]) -> int:
    return sum(number for status, number in found.items() if 200 <= status < 300)
