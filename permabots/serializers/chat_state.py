"""The states of chats."""

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
    """Return the serializer of one provider's chat states: with person and topic, where the provider has them."""
    provider = providers()[slug]
    names = ["chat", "user"] if provider.has_users else ["chat"]
    place: dict[str, Any] = {name: ProviderIdField(integer=provider.integer_ids, max_length=150) for name in names}
    if provider.has_topics:
        place["topic"] = serializers.CharField(required=False, allow_blank=True, max_length=150)
    meta = type("Meta", (), {"model": ChatState, "fields": [*ROW, *place, "state"]})
    about = f"The state of a chat on {provider.name}."
    content = {"__doc__": about, "Meta": meta, **place, "state": StateByNameSerializer()}
    return type(f"{slug.title()}ChatStateSerializer", (RowSerializer,), content)


@cache
def chat_state_change_serializer(slug: str) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a change: what is left out stays."""
    about = {"__doc__": f"A change of the state of a chat on {providers()[slug].name}: what is left out stays."}
    return type(f"{slug.title()}ChatStateChangeSerializer", (OptionalFields, chat_state_serializer(slug)), about)
