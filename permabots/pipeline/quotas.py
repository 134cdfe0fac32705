"""Quotas: how many rows an author may have, by the setting ``QUOTAS``.

What is there stays, and is used, whatever the quota says later: only a new row is refused. A message that somebody
writes to a bot is never refused.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from cachetools import TTLCache
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Sum

from permabots.conf import get_config
from permabots.exceptions import QuotaReached
from permabots.models import (
    ApiToken,
    Bot,
    Conversation,
    ConversationTest,
    EnvironmentVar,
    Handler,
    HeaderParam,
    Hook,
    InboundMessage,
    Notification,
    Recipient,
    State,
    UrlParam,
)

_PARENTS: Mapping[type[models.Model], tuple[str, str, str]] = {
    Bot: ("bots", "owner", "user has {} bots"),
    ApiToken: ("tokens", "user", "user has {} API tokens that are in use"),
    Handler: ("handlers", "bot", "bot has {} handlers"),
    State: ("states", "bot", "bot has {} states"),
    Hook: ("hooks", "bot", "bot has {} hooks"),
    Recipient: ("recipients", "hook", "hook has {} recipients"),
    EnvironmentVar: ("variables", "bot", "bot has {} variables"),
    ConversationTest: ("tests", "bot", "bot has {} conversation tests"),
    Conversation: ("conversations", "bot", "bot has {} conversations"),
    UrlParam: ("parameters", "request", "request has {} query parameters"),
    HeaderParam: ("parameters", "request", "request has {} headers"),
}
"""Row -> the name of its quota, its parent, and the words for how many that has."""
_COUNTED_FOR = 300
"""Seconds for which the number of a bot's messages is kept: a bot may have a million."""

_lock = threading.Lock()
_messages: TTLCache[Any, int] = TTLCache(1024, _COUNTED_FOR)


def check(row: models.Model) -> None:
    """Refuse a new row whose parent has as many as it may have.

    The caller holds the parent's lock where the number must be exact.

    Raises:
        django.core.exceptions.ValidationError: names the number, the quota and the setting.
    """
    name, parent, words = _PARENTS.get(type(row), ("", "", ""))
    if (most := get_config().quotas.get(name)) is None:
        return
    rows: Any = type(row)._default_manager.filter(**{parent: getattr(row, parent)})
    # No further than it matters: people may have brought a bot a million conversations, which no quota refuses.
    number = (rows.usable() if isinstance(row, ApiToken) else rows)[: most + 1].count()
    if number >= most:
        has = f"{number:,}" if number == most else f"more than {most:,}"
        raise ValidationError(_words(words.format(has), name, most), code="quota")


def check_messages(bot: Bot) -> None:
    """Refuse a post to a hook of a bot that has as many stored messages as it may have: incoming ones, and those that
    its hooks told.

    The number may be 5 minutes old, apart from what this process has stored since.

    Raises:
        QuotaReached: names the number, the quota and the setting.
    """
    if (most := get_config().quotas.get("messages")) is None:
        return
    with _lock:
        number = _messages.get(bot.pk)
    if number is None:
        number = _count_messages(bot)
        with _lock:
            _messages[bot.pk] = number
    if number >= most:
        words = _words(f"bot has {number:,} stored messages", "messages", most)
        raise QuotaReached(f"{words} The operator's permabots_purge deletes old ones.")


def note_messages(bot: Bot, number: int) -> None:
    """Note that a post to a hook is to be told to so many recipients."""
    with _lock:
        if bot.pk in _messages:
            _messages[bot.pk] += number


def _count_messages(bot: Bot) -> int:
    told = Notification.objects.filter(bot=bot).aggregate(number=Sum("total"))["number"] or 0
    return InboundMessage.objects.filter(bot=bot).count() + int(told)


def _words(words: str, name: str, most: int) -> str:
    return f"This {words}; {most:,} are the most (quota {name!r} of the setting QUOTAS)."
