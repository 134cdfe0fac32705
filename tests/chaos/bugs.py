"""Faults of permabots itself, planted by a chaos run to see that it finds them.

They are here and nowhere else: the app `tests.chaos.app.Chaos`, which only the settings of chaos runs install, puts
them over the pipeline's functions. A site begins without any; `tests.chaos.switches` turns one on.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F

from permabots.exceptions import ProviderError
from permabots.models import Conversation, InboundMessage, IntegrationBot, Notification, OutboundMessage, web_bot
from permabots.models.conversation import QueueQuerySet
from permabots.models.web_messages import VisitorQuerySet
from permabots.models.webhook_secret import WebhookSecret
from permabots.pipeline import drain as draining
from permabots.pipeline.hooks.texts import HookTexts
from permabots.pipeline.lease import Lease
from permabots.pipeline.operating import sweep
from permabots.pipeline.postgresql import looking, turns
from permabots.pipeline.receiving import inbox, wake_ups
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.pipeline.sending import attempt_limit, outbox
from permabots.providers.base.contract import Client
from permabots.tasks import wake
from permabots.values import Inbound, Json, Receipt
from tests.chaos.switches import Switches
from tests.chaos.web_chat.store import telling

Function = Callable[..., Any]

BUGS: dict[str, list[tuple[Any, str, Function]]] = defaultdict(list)
"""Name -> what it stands in for: modules or classes, the name there, and the bug."""


def _bug(name: str, place: Any, attribute: str) -> Callable[[Function], Function]:
    def note(function: Function) -> Function:
        BUGS[name].append((place, attribute, function))
        return function

    return note


def plant(switches: Switches, store_url: str) -> None:
    """Put every bug in place, turned off, and the points at which a run may stop, break or kill a process.

    Args:
        switches: what a run turns on and off.
        store_url: whom to ask around each message of the web chat.
    """
    for name, places in BUGS.items():
        for place, attribute, bug in places:
            setattr(place, attribute, _either(switches, name, bug, getattr(place, attribute)))
    outbox._call = _breakable(switches, outbox._call)
    HookTexts.__init__ = _lethal(switches, HookTexts.__init__)  # type: ignore[method-assign] # it is meant to be one
    web_bot.store = telling(store_url, web_bot.store)
    turns.finish = _stoppable(switches, turns.finish)
    due = sweep.due_conversations
    sweep.due_conversations = lambda: due() if switches.sweeps else []


def _either(switches: Switches, name: str, bug: Function, good: Function) -> Function:
    @wraps(good)
    def chosen(*args: Any, **values: Any) -> Any:
        return (bug if switches.bug == name else good)(*args, **values)

    return chosen


def _stoppable(switches: Switches, finish: Function) -> Function:
    """Stop the process, where it is told to, directly before the statement that stores a turn."""

    @wraps(finish)
    def stopping(row: InboundMessage, integration: Any, lease_token: UUID, *args: Any, **values: Any) -> bool:
        if switches.bug != SELECTED:
            switches.stop_here(row.provider_sequence)
            return bool(finish(row, integration, lease_token, *args, **values))
        if not Conversation.objects.filter(pk=row.conversation_id, lease_token=lease_token).exists():
            return False
        switches.stop_here(row.provider_sequence)
        held = Conversation.objects.values_list("lease_token", flat=True).get(pk=row.conversation_id)
        return bool(finish(row, integration, held or lease_token, *args, **values))

    return stopping


def _breakable(switches: Switches, call: Function) -> Function:
    """Fail, where it is told to, in a way that nobody has foreseen."""

    @wraps(call)
    def breaking(lease: Lease, row: OutboundMessage, *args: Any) -> Any:
        if switches.breaks(row.conversation.chat_id):
            raise ArithmeticError("a chaos run broke this")
        return call(lease, row, *args)

    return breaking


def _lethal(switches: Switches, init: Function) -> Function:
    """Die where a poisonous notification is rendered."""

    @wraps(init)
    def killing(texts: HookTexts, row: Notification) -> None:
        if isinstance(row.data, dict) and row.data.get("poison"):
            switches.die_of_poison()
        init(texts, row)

    return killing


SELECTED = "fence read by SELECT"


@_bug("200 before commit", inbox, "store")
def _early(target: WebhookTarget, events: Iterable[Inbound], **values: Any) -> list[int]:
    """Answer the webhook first and store half a second later."""
    there = list(events)
    threading.Timer(0.5, _store, [inbox.store.__wrapped__, target, there, values]).start()  # type: ignore[attr-defined]
    return []


def _store(receive: Function, target: WebhookTarget, events: list[Inbound], values: dict[str, Any]) -> None:
    try:
        for conversation_id in receive(target, events, **values):
            wake(conversation_id, target.slug)
    finally:
        connection.close()


@_bug("lease ignored", looking, "take")
def _taken(pk: int, *args: Any) -> Any:
    """Take a conversation that somebody else holds."""
    Conversation.objects.filter(pk=pk).update(lease_token=None, lease_expires_at=None)
    return looking.take.__wrapped__(pk, *args)  # type: ignore[attr-defined]


@_bug("marked sent before sending", outbox, "_send")
def _marked(lease: Lease, row: OutboundMessage, client: Client, integration: IntegrationBot) -> float | None:
    """Write down that a row was sent, then send it."""
    outbox._sent(lease, row, Receipt(""))
    try:
        client.send(row.call(), 5.0)
    except ProviderError:
        return None
    return None


@_bug("second look left out", draining, "has_work")
def _looked(conversation_id: int) -> bool:
    """Trust the look before the release."""
    return False


@_bug("held back by what is finished", wake_ups, "is_on_its_way")
def _held_back(row: InboundMessage) -> bool:
    """Let a message that was finished before the next one came stand for a wake-up of it."""
    return InboundMessage.objects.filter(conversation=row.conversation_id, pk__lt=row.pk).exists()


@_bug("secret replaced before the messenger agrees", WebhookSecret, "propose_secret")
def _rotated(row: WebhookSecret) -> str:
    """Make the new secret the one in use before the messenger was told: two refusals, and the one it has is gone."""
    secret = secrets.token_urlsafe(32)
    row._same().update(previous_webhook_secret=F("webhook_secret"), webhook_secret=secret, next_webhook_secret="")
    row._read_secrets()
    return secret


@_bug("send without a ceiling", attempt_limit, "_interrupt")
def _uncounted(lease: Lease, row: OutboundMessage, error: str) -> None:
    """Leave a row as it is when its send failed in a way that nobody has foreseen."""


@_bug("send without a ceiling", attempt_limit, "parked_after_last_attempt")
def _unended(lease: Lease, row: OutboundMessage) -> bool:
    """Begin a row once more, however often it was begun."""
    return False


@_bug("notification begun without being counted", QueueQuerySet, "count_attempt")
def _begun(rows: QueueQuerySet[Any], **values: object) -> int:
    """Count the attempts of everything but notifications."""
    if rows.model is Notification:
        return rows.update(**values)
    return int(QueueQuerySet.count_attempt.__wrapped__(rows, **values))  # type: ignore[attr-defined]


@_bug("key of a web message ignored", VisitorQuerySet, "append")
def _appended(rows: VisitorQuerySet, pk: int, author: str, body: Json, key: str) -> int | None:
    """Store what is there already once more."""
    number: int | None = VisitorQuerySet.append.__wrapped__(rows, pk, author, body, str(uuid4()))  # type: ignore[attr-defined]
    return number
