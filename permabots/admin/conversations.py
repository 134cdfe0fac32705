"""Conversations as transcripts, the states of chats, and the people in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from permabots.admin import consequences, transcript
from permabots.admin.base import OwnedAdmin, ReadOnlyAdmin
from permabots.admin.filters import BotFilter, ConversationBotFilter, ProviderFilter
from permabots.admin.formatting import as_json, block
from permabots.admin.forms import PipelineErrorForm
from permabots.admin.health_filters import WaitingFilter, waits_since, waits_until
from permabots.admin.versions import NOW
from permabots.models import ChatState, Contact, Conversation, InboundMessage, State
from permabots.pipeline.authoring import configuration


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin, OwnedAdmin):
    """Conversations. The page of one is its transcript."""

    list_display = ["__str__", "bot", "provider", "contact", "state", "last_message", "waiting"]
    list_filter = [WaitingFilter, ProviderFilter, BotFilter]
    search_fields = ["chat_id", "user_id", "contact__username", "contact__first_name", "contact__last_name"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("bot", "contact", "chat_state__state")
        came = InboundMessage.objects.filter(conversation=OuterRef("pk"))
        return rows.annotate(
            last_at=Subquery(came.order_by("-pk").values("received_at")[:1]),
            since=waits_since(),
            waits_until=waits_until(),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the transcript, the newest page first."""
        if request.method != "GET":
            return super().change_view(request, object_id, form_url, extra_context)
        conversation: Any = self.get_object(request, object_id)
        if conversation is None or not self.has_view_permission(request, conversation):
            return super().change_view(request, object_id, form_url, extra_context)
        page, turns = transcript.page_of(conversation, request.GET.get("page"))
        context = {
            "title": f"Conversation {conversation}",
            "original": conversation,
            "has_view_permission": True,
            "state": self.state(conversation),
            "page": page,
            "turns": turns,
        }
        return self.page_of_site(request, "transcript.html", context)

    @admin.display(description="state")
    def state(self, row: Conversation) -> str:
        chat_state: ChatState | None = getattr(row, "chat_state", None)
        return str(chat_state.state) if chat_state else ""

    @admin.display(description="last message", ordering="last_at")
    def last_message(self, row: Any) -> Any:
        return row.last_at

    @admin.display(description="waits since", ordering="since", empty_value="")
    def waiting(self, row: Any) -> Any:
        return row.since


class ChatStateForm(PipelineErrorForm):
    """The state of a chat: one of its bot's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "state" in self.fields:
            field: Any = self.fields["state"]
            field.queryset = State.objects.filter(bot=self.instance.conversation.bot_id)


@admin.register(ChatState)
class ChatStateAdmin(OwnedAdmin):
    """Which chat is in which state. A chat can be put into another one; without a row it is in none."""

    owner = "conversation__bot__owner"
    form = ChatStateForm
    fields = ["conversation", "state", "memory"]
    readonly_fields = ["conversation", "memory"]
    list_display = ["conversation", "bot", "state", "updated_at"]
    list_filter = [ProviderFilter, ConversationBotFilter]
    search_fields = ["conversation__chat_id", "conversation__user_id", "state__name"]
    ordering = ["-updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("conversation__bot", "state")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the state alone, and only where no turn has moved the chat since the row was read."""
        row = ChatState.objects.get(pk=obj.pk)
        row.state_id = form.initial["state"]
        with configuration.editing(obj.conversation.bot):
            if not configuration.change_chat_state(row, {"state": obj.state}):
                now = State.objects.filter(chat_states=obj.pk).first()
                raise ValidationError({"state": NOW.format(now or "none")})

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Redirect to the conversation, which shows the new state."""
        page = self.admin_site.get_model_admin(Conversation)
        if not page.has_view_permission(request, obj.conversation):
            return super().response_post_save_change(request, obj)
        name = f"{self.admin_site.name}:permabots_conversation_change"
        return HttpResponseRedirect(reverse(name, args=[obj.conversation_id]))

    def bot_of(self, row: Any) -> Any:
        return row.conversation.bot

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_chat_states(rows)

    @admin.display(description="bot")
    def bot(self, row: ChatState) -> str:
        return str(row.conversation.bot)

    @admin.display(description="what it remembers")
    def memory(self, row: ChatState) -> str:
        return block(as_json(row.contexts))


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin, OwnedAdmin):
    """The people in conversations, as their providers describe them."""

    fields = ["provider", "external_id", "username", "first_name", "last_name", "created_at", "updated_at"]
    list_display = ["__str__", "provider", "external_id", "username", "first_name", "last_name", "updated_at"]
    list_filter = [ProviderFilter]
    search_fields = ["external_id", "username", "first_name", "last_name"]
    ordering = ["-updated_at"]

    def visible_to(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the people who wrote to a bot. The same table holds the accounts of the bots, which are left out."""
        return super().visible_to(request).filter(Exists(Conversation.objects.filter(contact=OuterRef("pk"))))

    def owned_by(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Return the people who wrote to a bot of the user."""
        return rows.filter(Exists(Conversation.objects.filter(contact=OuterRef("pk"), bot__owner=user)))
