"""The web chats that are open: connected, enabled, and found by their address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from permabots.models import WebBot
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.values import Identity


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A web chat.

    Args:
        row: its account, with its bot.
        target: the same as far as messages are stored for it.
    """

    row: WebBot
    target: WebhookTarget


def find(slug: str) -> OpenChat | None:
    """Return the open chat with an address; None where there is none, or it is disabled.

    Args:
        slug: the last part of the address.
    """
    rows: Any = WebBot.objects.select_related("bot")
    row = rows.filter(account=slug, enabled=True, status=WebBot.Status.CONNECTED, bot__isnull=False).first()
    if row is None:
        return None
    bot = row.bot
    identity = Identity(row.slug, row.slug)
    return OpenChat(
        row, WebhookTarget(row.pk, bot.pk, row.SLUG, True, identity, {}, bot.separate_topics, str(bot.owner_id))
    )
