"""The bot's fallback text in place of a message that its provider refuses in every form."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from permabots.models import InboundMessage, IntegrationBot, OutboundMessage
from permabots.pipeline.answering import translation
from permabots.values import Answer, Payload


def in_place_of(row: OutboundMessage, integration: IntegrationBot) -> Payload | None:
    """Return the call that says the bot's fallback text, None where nothing is said in a row's place.

    Nothing is where the bot has no such text, where the row is a notification's, where it is the fallback text itself,
    and where another message of the same answer has been replaced by it: it is said once.

    Args:
        row: the message that was refused.
        integration: the account that it leaves by.
    """
    text = row.conversation.bot.fallback_text.strip()
    if row.inbound is None or not text or _is_said(row):
        return None
    provider, inbound = integration.provider, row.inbound.inbound()
    topic = "" if row.payload.get("whole_chat") else provider.topic_of(inbound)
    address = replace(translation.address_of(provider, inbound), chat_id=row.conversation.chat_id, topic=topic)
    rendered = provider.render(Answer((escape(text, quote=False),)), address)
    return replace(rendered[0], plain=True) if rendered else None


def _is_said(row: OutboundMessage) -> bool:
    failed = row.inbound is not None and row.inbound.status == InboundMessage.Status.FAILED
    return failed or OutboundMessage.objects.filter(inbound=row.inbound_id, payload__fallback=True).exists()
