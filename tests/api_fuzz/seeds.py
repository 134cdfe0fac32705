"""What there is when a generated call comes: one row of each kind, whatever the calls before it did."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rest_framework.authtoken.models import Token

from permabots.models import Bot, Notification, TelegramBot
from tests.api.world import ROUTES, World
from tests.factories import make_bot, make_outbound, make_user

BY_PATH = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)): route for route in ROUTES}
STATE = "menu"
"""A state that the bot has."""
CHAT = 7
"""A chat that it knows, and the person in it."""


class Rows(World):
    """What every bot of a test has, a notification, and a call that can be tried again."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        told: Notification = Notification.objects.create(bot=bot, hook=self.hook, data={}, total=1)
        self.delivery_id = told.pk
        talk = self.message.conversation
        make_outbound(talk, notification=told, recipient=self.recipient)
        make_outbound(talk, inbound=self.message, status="parked")


@dataclass
class Seeds:
    """The rows of one user, made anew after each call that changed them.

    Args:
        counts: operation -> status -> how many answers.
    """

    counts: dict[str, Counter[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.user, self.nobody = make_user(), make_user()
        self.token = Token.objects.create(user=self.user).key
        self.rows = Rows(make_bot(owner=self.user))

    def fill(self, case: Any) -> None:
        """Put ids that exist into a call; what was made wrong on purpose stays wrong."""
        wrong = (
            {place.value for place, info in case.meta.components.items() if info.mode.is_negative} if case.meta else ()
        )
        wanted = self.rows.values(BY_PATH[case.operation.path])
        if wanted and "path" not in wrong:
            case.path_parameters = {name: str(value) for name, value in wanted.items()}
        of_chat = "chatstates" in case.operation.path and "body" not in wrong
        if of_chat and isinstance(case.body, dict) and "state" in case.body:
            case.body = {**case.body, "state": {"name": STATE}, "chat": CHAT, "user": CHAT}

    def note(self, operation: str, method: str, status: int) -> None:
        """Count an answer, and make the rows anew where it changed them."""
        self.counts.setdefault(operation, Counter())[status] += 1
        if method != "GET" and status < 300:
            Bot.objects.filter(owner=self.user).update(owner=self.nobody)  # much faster than to delete them
            TelegramBot.objects.all().delete()  # two bots cannot have one account
            self.rows = Rows(make_bot(owner=self.user))

    def table(self) -> str:
        """Return how many answers of 2xx each operation gave, of how many."""
        lines = [f"{_good(found):6} of {found.total():6}  {name}" for name, found in sorted(self.counts.items())]
        total = sum(found.total() for found in self.counts.values())
        return "\n".join(["", *lines, f"{total} calls of {len(lines)} operations"])

    def fewest(self) -> int:
        """Return the fewest answers of 2xx that an operation gave."""
        return min(map(_good, self.counts.values()))


def _good(found: Counter[int]) -> int:
    return sum(number for status, number in found.items() if status < 300)
