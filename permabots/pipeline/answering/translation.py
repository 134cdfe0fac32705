"""Translating a message for the engine and an answer for the provider, in a turn and in a simulation alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from permabots.conf import get_config
from permabots.engine.definitions import StateDefinition
from permabots.engine.turn_values import Outcome, TurnInput
from permabots.models import CallbackData
from permabots.providers.base.callback_tokens import is_token
from permabots.providers.base.contract import Provider
from permabots.values import Address, Inbound, Json, Kind, Payload


def with_stored_data(inbound: Inbound, bot_id: UUID) -> Inbound:
    """Return a message with the data of its button, where that was too long for the provider and a token stood for it.

    Args:
        inbound: as the provider read it.
        bot_id: whose button it is.
    """
    if inbound.kind != Kind.BUTTON or inbound.text is None or not is_token(inbound.text):
        return inbound
    kept = CallbackData.objects.filter(bot=bot_id, token=inbound.text).values_list("data", flat=True)
    return replace(inbound, text=kept.first() or inbound.text)


def turn_input(
    provider: Provider,
    inbound: Inbound,
    *,
    state: StateDefinition | None,
    contexts: Mapping[str, Json] | Callable[[], Mapping[str, Json]],
    idempotency_key: str,
    fallback: str = "",
) -> TurnInput:
    """Return what the engine answers; the arguments by name are those of `TurnInput`."""
    return TurnInput(
        service=provider.slug,
        text=inbound.text or "",
        message=provider.message_context(inbound),
        state=state,
        contexts=contexts,
        idempotency_key=idempotency_key,
        fallback=fallback,
    )


def calls(provider: Provider, inbound: Inbound, outcome: Outcome) -> list[Payload]:
    """Return the calls to the provider that an answer takes, in order; the outcome's trace tells what they change.

    A press is acknowledged before, and apart.

    Args:
        provider: who is called.
        inbound: what is answered.
        outcome: of the turn.
    """
    rendered = provider.render(outcome.answer, address_of(provider, inbound))
    if outcome.answer.texts and not rendered:
        note(outcome.trace, [f"nothing of the text can be seen on {provider.name}: nothing is sent"])
    note(outcome.trace, [it for payload in rendered for it in payload.notes])
    if inbound.kind == Kind.BUTTON and is_token(inbound.text or ""):
        note(outcome.trace, ["the data of the pressed button is not kept any more: the token in its place is the text"])
    return rendered


def address_of(provider: Provider, inbound: Inbound) -> Address:
    """Return where the answer to a message goes."""
    quoted = inbound.reply_to if get_config().quote_incoming else ""
    return Address(inbound.chat_id, inbound.user_id, quoted, provider.topic_of(inbound))


def note(trace: dict[str, Json], notes: Iterable[str]) -> None:
    """Add notes to a trace, those that it does not have."""
    for one in notes:
        if one not in (known := trace.setdefault("notes", [])):
            known.append(one)
