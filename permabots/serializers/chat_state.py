"""Which chat is in which state."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers

from permabots.models import ChatState
from permabots.models.registry import providers
from permabots.serializers.base import OptionalFields, ProviderIdField, RowSerializer
from permabots.serializers.configuration import ROW, StateByNameSerializer


@cache
def chat_state_serializer(slug: str) -> type[serializers.Serializer[Any]]:
    """Return the serializer of one provider's chat states: with the person where a chat holds several."""
    provider = providers()[slug]
    names = ["chat", "user"] if provider.has_users else ["chat"]
    ids = {name: ProviderIdField(integer=provider.integer_ids, max_length=150) for name in names}
    meta = type("Meta", (), {"model": ChatState, "fields": [*ROW, *names, "state"]})
    content = {"Meta": meta, **ids, "state": StateByNameSerializer()}
    return type(f"{slug.title()}ChatStateSerializer", (RowSerializer,), content)


@cache
def chat_state_change_serializer(slug: str) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a change: what is left out stays."""
    return type(f"{slug.title()}ChatStateChangeSerializer", (OptionalFields, chat_state_serializer(slug)), {})
