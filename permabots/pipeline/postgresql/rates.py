"""Booking a message's place in the rates of its chat and its account, as a part of another statement.

It is the short way of `permabots.pipeline.sending.rate_limit`, for a message that may leave at once. One that has to
wait books nothing here, or in its chat alone, and goes the long way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from permabots.models import Conversation, IntegrationBot
from permabots.pipeline.rate_steps import SET_BACK, Step, account_step, chat_step

# A place is booked in the account's rate only where there is one in the chat's, or chats have no rate.
BOOK = """
chat AS (
    INSERT INTO permabots_chat AS c (bot_id, provider, chat_id, rate_tat)
    SELECT %(bot)s, %(provider)s, %(chat)s, statement_timestamp() + %(chat_step)s
    WHERE %(chat_step)s > interval '0' AND EXISTS (SELECT FROM {whom})
    ON CONFLICT (bot_id, provider, chat_id) DO UPDATE
    SET rate_tat = %(chat_step)s + CASE
        WHEN c.rate_tat > statement_timestamp() + %(chat_set_back)s
        THEN statement_timestamp() ELSE greatest(c.rate_tat, statement_timestamp()) END
    WHERE (c.not_before IS NULL OR c.not_before <= statement_timestamp())
      AND (c.rate_tat IS NULL
           OR c.rate_tat <= statement_timestamp() + %(chat_tolerance)s
           OR c.rate_tat > statement_timestamp() + %(chat_set_back)s)
    RETURNING c.id
), account AS (
    UPDATE {account}
    SET rate_tat = %(account_step)s + CASE
            WHEN rate_booked_at > statement_timestamp() + %(set_back)s
            THEN statement_timestamp() ELSE greatest(rate_tat, statement_timestamp()) END,
        broadcast_tat = CASE
            WHEN rate_booked_at > statement_timestamp() + %(set_back)s
            THEN NULL ELSE broadcast_tat END,
        rate_booked_at = statement_timestamp()
    WHERE %(account_step)s > interval '0' AND EXISTS (SELECT FROM {whom})
      AND (%(chat_step)s = interval '0' OR EXISTS (SELECT FROM chat)) AND id = %(account)s
      AND (rate_tat IS NULL
           OR rate_tat <= statement_timestamp() + %(account_tolerance)s
           OR rate_booked_at > statement_timestamp() + %(set_back)s)
    RETURNING id
)"""


def booking(conversation: Conversation, integration: IntegrationBot, *, free: bool) -> dict[str, Any]:
    """Return the values of `BOOK`.

    Args:
        conversation: whom the message is for.
        integration: the account that it leaves by.
        free: whether it takes no place: nothing is booked.
    """
    rates = integration.provider.rates(conversation.chat_id)
    chat, account = (Step(), Step()) if free else (chat_step(rates), account_step(rates))
    return {
        "bot": conversation.bot_id,
        "provider": conversation.provider,
        "chat": conversation.chat_id,
        "chat_step": timedelta(seconds=chat.seconds),
        "chat_tolerance": timedelta(seconds=chat.tolerance),
        "chat_set_back": timedelta(seconds=chat.seconds + chat.tolerance + SET_BACK),
        "account": integration.pk,
        "account_step": timedelta(seconds=account.seconds),
        "account_tolerance": timedelta(seconds=account.tolerance),
        "set_back": timedelta(seconds=SET_BACK),
    }
