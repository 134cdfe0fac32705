"""Too many calls: of one chat, or of the whole account.

What a provider says about one chat keeps that chat waiting. What it says about the account pauses the account: nothing
is sent by it meanwhile, since each further call only makes the wait longer. Messenger and Kik have limits of accounts
alone. Telegram answers both in the same words, so there it is the account's when `CHATS` different chats are refused
within `WINDOW`: a chat of ours keeps to its own rate, so many that do not at the same moment is no accident.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest, Now

from permabots import logs
from permabots.exceptions import Retryable
from permabots.models import IntegrationBot, OutboundMessage

logger = logs.get_logger(__name__)

CHATS = 3
WINDOW = 5.0
"""Seconds."""


def note(row: OutboundMessage, error: Retryable, integration: IntegrationBot, seconds: float) -> None:
    """Pause the account where a refusal is about all of it.

    Args:
        row: what was refused.
        error: how.
        integration: the account it was sent by.
        seconds: for how long.
    """
    if error.of_account or (error.of_chat_or_account and _is_one_of_many(row.conversation.chat_id, integration)):
        _pause(integration, seconds)


def _pause(integration: IntegrationBot, seconds: float) -> None:
    until = Now() + timedelta(seconds=seconds)
    _row(integration).update(paused_until=Greatest(Coalesce(F("paused_until"), until), until), floods=[])
    logger.warning("%s sends nothing for %g seconds: the provider refuses the whole account", integration, seconds)


def _is_one_of_many(chat_id: str, integration: IntegrationBot) -> bool:
    """Note that a chat was refused; whether so many were lately. Of two notes at once one may be lost."""
    found: Any = _row(integration).annotate(now=Now()).values_list("floods", "now").first()
    if found is None:
        return False
    now = found[1].timestamp()
    lately = {chat: at for chat, at in found[0] if 0 <= now - at <= WINDOW} | {chat_id: now}
    _row(integration).update(floods=[[chat, at] for chat, at in lately.items()][-CHATS:])
    return len(lately) >= CHATS


def _row(integration: IntegrationBot) -> Any:
    return type(integration)._default_manager.filter(pk=integration.pk)
