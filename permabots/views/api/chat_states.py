"""The states of chats."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.serializers import Serializer

from permabots.engine.definitions import state_key
from permabots.models import ChatState, Conversation, State
from permabots.models.registry import providers
from permabots.pipeline import quotas
from permabots.pipeline.authoring import configuration
from permabots.serializers.chat_state import chat_state_change_serializer, chat_state_serializer
from permabots.values import storable
from permabots.views.api.base import RowViewSet
from permabots.views.api.versions import VersionConflict


class ChatStateViewSet(RowViewSet):
    """The states of chats on one provider.

    Attributes:
        slug: the provider.
    """

    slug = ""
    filters = {
        "chat": "Of this chat.",
        "user": "Of this person.",
        "topic": "Of this topic of a chat.",
        "state": "In this state: a name or an id.",
    }

    def read_serializer(self) -> type[Serializer]:
        return chat_state_serializer(self.slug)

    def update_serializer(self) -> type[Serializer]:
        return chat_state_change_serializer(self.slug)

    def get_queryset(self) -> QuerySet[ChatState]:
        rows = ChatState.objects.filter(conversation__bot=self.bot, provider=self.slug)
        return rows.filter(*self._wanted()).select_related("conversation", "state")

    def _wanted(self) -> list[Q]:
        if self.action != "list":
            return []
        wanted = {name: storable(value) for name, value in self.request.query_params.items()}
        columns = {"chat": "chat_id", "user": "user_id", "topic": "topic"}
        filters = [Q(**{f"conversation__{columns[name]}": wanted[name]}) for name in columns if name in wanted]
        return [*filters, _in_state(wanted["state"])] if "state" in wanted else filters

    def perform_create(self, values: Any) -> ChatState:
        """Put a known chat into a state of this bot."""
        row = ChatState(provider=self.slug, state=self._state(values["state"]))
        place = values["chat"], values.get("user"), values.get("topic", "")
        return configuration.save(row, {"conversation": self._conversation(*place)})

    def perform_update(self, row: ChatState, values: Any) -> None:
        """Put a chat into another state; its contexts stay."""
        changes: dict[str, Any] = {"state": self._state(values["state"])} if "state" in values else {}
        place = row.chat, row.user, row.topic
        wanted = tuple(values.get(name, now) for name, now in zip(("chat", "user", "topic"), place, strict=True))
        if wanted != place:
            changes["conversation"] = self._conversation(*wanted)
        if not configuration.change_chat_state(row, changes):
            raise VersionConflict(self.shown(self.get_object()))

    def _state(self, name: str) -> State:
        state: State = get_object_or_404(State, bot=self.bot, key=state_key(name))
        return state

    def _conversation(self, chat: str, user: str | None, topic: str) -> Conversation:
        """Return the conversation of a chat. Where chats hold several people, one that is not known yet is a 404.

        Raises:
            django.core.exceptions.ValidationError: it is not known yet, and the bot has as many as it may.
        """
        place: dict[str, Any] = {"bot": self.bot, "provider": self.slug, "chat_id": chat, "topic": topic}
        if providers()[self.slug].has_users:
            return get_object_or_404(Conversation, user_id=user, **place)
        if (known := Conversation.objects.filter(user_id="", **place).first()) is not None:
            return known
        quotas.check(Conversation(user_id="", **place))
        return Conversation.objects.get_or_create(user_id="", **place)[0]  # somebody may write at this moment


def _in_state(text: str) -> Q:
    by_name = Q(state__key=state_key(text))
    try:
        return by_name | Q(state=UUID(text))
    except ValueError:
        return by_name
