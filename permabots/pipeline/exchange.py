"""What a message becomes for the engine, and an answer for the provider: the same in a turn and in a simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from permabots.conf import get_config
from permabots.engine.definitions import StateDefinition
from permabots.engine.turn import TurnInput
from permabots.messages import Address, Answer, Inbound, Json, Kind, Payload
from permabots.models import CallbackData
from permabots.providers.base.contract import Provider
from permabots.providers.base.tokens import is_token


def with_kept_data(inbound: Inbound, bot_id: UUID) -> Inbound:
    """Return a message with the data of its button, where that was too long for the provider and a token stood for it.

    Args:
        inbound: as the provider read it.
        bot_id: whose button it is.
    """
    if inbound.kind != Kind.PRESS or inbound.text is None or not is_token(inbound.text):
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
) -> TurnInput:
    """Return what the engine answers; ``state``, ``contexts`` and ``idempotency_key`` are those of `TurnInput`."""
    return TurnInput(
        service=provider.slug,
        text=inbound.text or "",
        message=provider.message_context(inbound),
        state=state,
        contexts=contexts,
        idempotency_key=idempotency_key,
    )


def calls(provider: Provider, inbound: Inbound, answer: Answer) -> list[Payload]:
    """Return the calls to the provider that an answer takes, in order. A press is acknowledged before, and apart."""
    quoted = inbound.reply_to if get_config().quote_incoming else ""
    address = Address(inbound.chat_id, inbound.user_id, quoted)
    return provider.render(answer, address)
