"""What is to be done in a conversation: read by whoever holds its lease."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, When

from permabots.models import ApiHealth, ChatState, Conversation, InboundMessage, OutboundMessage
from permabots.values import Json

STATE = "conversation__chat_state"
FEW = 16_000
"""Characters of contexts that come with every message. An API's answer in them may have a megabyte."""


@dataclass(frozen=True, slots=True)
class NextWork:
    """The next thing to do.

    Args:
        outbound: the unfinished row to deliver first, or
        inbound: the message to answer; both None when there is nothing.
        more: another message waits behind ``inbound``.
    """

    outbound: OutboundMessage | None = None
    inbound: InboundMessage | None = None
    more: bool = False


def next_work(conversation_id: int, slug: str) -> NextWork:
    """Return what is next: an unfinished answer before a new message, messages in the provider's own order.

    Rows are found by their status, never by a cursor: ids do not commit in order. Everything that the work needs (bot
    and revision, integration, state, contact, and whether an API of the bot failed lately) comes in the same query;
    what earlier states kept only where it is little, since few messages need it: see `contexts_of`.
    """
    waiting = OutboundMessage.objects.unfinished().filter(conversation=OuterRef("conversation"))
    failing = ApiHealth.objects.filter(bot=OuterRef("conversation__bot"))
    size, contexts = f"{STATE}__contexts_size", F(f"{STATE}__contexts")
    few = Case(When(**{f"{size}__lte": FEW}, then=contexts), output_field=JSONField())
    rows = list(
        InboundMessage.objects.unfinished()
        .filter(conversation=conversation_id)
        .annotate(has_outbound=Exists(waiting), has_failing_api=Exists(failing), few_contexts=few)
        .select_related(f"conversation__bot__{slug}_bot", f"{STATE}__state", "conversation__contact")
        .defer(f"{STATE}__contexts")
        .order_by("provider_sequence", "id")[:2]
    )
    if rows and not rows[0].has_outbound:
        return NextWork(inbound=rows[0], more=len(rows) > 1)
    return NextWork(outbound=next_outbound(conversation_id, slug))


def contexts_of(row: InboundMessage) -> Mapping[str, Json]:
    """Return what earlier states of a message's chat kept. It asks the database only where that is much.

    Args:
        row: as `next_work` found it.
    """
    state: ChatState | None = getattr(row.conversation, "chat_state", None)
    if state is None:
        return {}
    few: Mapping[str, Json] | None = getattr(row, "few_contexts", None)
    return state.contexts if few is None else few


def next_outbound(conversation_id: int, slug: str) -> OutboundMessage | None:
    """Return the unfinished row to deliver next, with its conversation, bot and integration.

    It also knows of the message that it answers what the log and the metrics tell: ``integration_id``, ``external_id``,
    ``received_at`` and, as ``inbound_status``, what became of it.
    """
    rows = OutboundMessage.objects.unfinished().filter(conversation=conversation_id)
    known = {name: F(f"inbound__{name}") for name in ("integration_id", "external_id", "received_at")}
    known["inbound_status"] = F("inbound__status")
    ordered = rows.in_order().select_related(f"conversation__bot__{slug}_bot").annotate(**known)
    found: OutboundMessage | None = ordered.first()
    return found


def has_work(conversation_id: int) -> bool:
    """Whether anything is unfinished in a conversation. Ask it in a statement of its own after a release."""
    inbound = InboundMessage.objects.unfinished().filter(conversation=OuterRef("pk"))
    outbound = OutboundMessage.objects.unfinished().filter(conversation=OuterRef("pk"))
    return Conversation.objects.filter(Q(Exists(inbound)) | Q(Exists(outbound)), pk=conversation_id).exists()
