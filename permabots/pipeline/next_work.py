"""What is to be done in a conversation: read by whoever holds its lease."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, When

from permabots.conf import get_config
from permabots.exceptions import LeaseLost
from permabots.models import ApiHealth, ChatState, Conversation, InboundMessage, OutboundMessage
from permabots.pipeline.lease import Lease
from permabots.pipeline.postgresql import conversations, execution, looking
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


def take(conversation_id: int, slug: str) -> tuple[Lease, NextWork | None] | float | None:
    """Take a conversation.

    Args:
        conversation_id: the row's id.
        slug: its provider.

    Returns:
        The lease, and what is next where that is known already. Where it could not be taken: in how many seconds it may
        be worked on, 0 for now; None when somebody has it, or (as far as that is known already) nothing is to be done.
    """
    if not execution.is_used():
        lease = Lease.take(conversation_id)
        return _due_in(conversation_id) if lease is None else (lease, None)
    config = get_config()
    lease = Lease.begin(conversation_id)
    attempts = config.turn_attempts
    found = looking.take(conversation_id, lease.lease_token, lease.seconds, slug, attempts, FEW)
    return (lease, _with_outbound(found, conversation_id, slug)) if isinstance(found, looking.Found) else found


def _due_in(conversation_id: int) -> float | None:
    left = Conversation.objects.due_in(conversation_id)
    return left if left is not None and has_work(conversation_id) else None


def next_work(lease: Lease, slug: str) -> NextWork:
    """Return what is next: an unfinished answer before a new message, messages in the provider's own order.

    Rows are found by their status, never by a cursor: ids do not commit in order. Everything that the work needs (bot
    and revision, integration, state, contact, and whether an API of the bot failed lately) comes in the same query;
    what earlier states kept only where it is little, since few messages need it: see `contexts_of`.

    Raises:
        LeaseLost: the conversation was taken by somebody else.
    """
    if not execution.is_used():
        return _next_work(lease.conversation_id, slug)
    found = looking.look(lease.conversation_id, lease.lease_token, slug, get_config().turn_attempts, FEW)
    if found is None:
        raise LeaseLost(f"conversation {lease.conversation_id} was taken over")
    return _with_outbound(found, lease.conversation_id, slug)


def _with_outbound(found: looking.Found, conversation_id: int, slug: str) -> NextWork:
    if found.inbound is not None:
        return NextWork(inbound=found.inbound, more=found.more)
    return NextWork(outbound=next_outbound(conversation_id, slug))


def _next_work(conversation_id: int, slug: str) -> NextWork:
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
    if execution.is_used():
        return conversations.has_work(conversation_id)
    inbound = InboundMessage.objects.unfinished().filter(conversation=OuterRef("pk"))
    outbound = OutboundMessage.objects.unfinished().filter(conversation=OuterRef("pk"))
    return Conversation.objects.filter(Q(Exists(inbound)) | Q(Exists(outbound)), pk=conversation_id).exists()
