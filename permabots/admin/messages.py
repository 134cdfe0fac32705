"""Incoming messages, calls to providers and notifications, to be read and retried."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from permabots.admin import transcript
from permabots.admin.base import OwnedAdmin, ReadOnlyAdmin
from permabots.admin.filters import BotFilter, ConversationBotFilter, ConversationProviderFilter, ProviderFilter
from permabots.admin.formatting import as_json, block, link, short
from permabots.admin.retry_actions import retry_deliveries, retry_messages
from permabots.models import InboundMessage, Notification, OutboundMessage

CHAT = ["conversation__chat_id", "conversation__user_id"]


class RetriedAdmin(ReadOnlyAdmin, OwnedAdmin):
    """Rows that users with the permission to change them may retry; the pages themselves change nothing."""

    def has_retry_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.has_perm(f"permabots.change_{self.opts.model_name}"))


class TrafficAdmin(RetriedAdmin):
    """Rows of conversations."""

    ordering = ["-pk"]

    @admin.display(description="conversation")
    def conversation_link(self, row: Any) -> str:
        name = f"{self.admin_site.name}:permabots_conversation_change"
        return link(reverse(name, args=[row.conversation_id]), row.conversation)


@admin.register(InboundMessage)
class InboundAdmin(TrafficAdmin):
    """Messages that came in."""

    fields = [
        *("bot", "conversation_link", "kind", "text", "status", "attempts", "error", "received_at", "handled_at"),
        *("external_id", "sender_shown", "raw_shown"),
    ]
    readonly_fields = ["conversation_link", "sender_shown", "raw_shown"]
    list_display = ["pk", "status", "bot", "conversation_link", "kind", "text_shown", "error_shown", "received_at"]
    list_filter = ["status", "kind", ProviderFilter, BotFilter]
    list_select_related = ["bot", "conversation"]
    search_fields = ["text", *CHAT, "external_id", "error"]
    actions = ["retry"]
    change_form_template = "admin/permabots/message.html"

    @admin.action(description="Try again what failed", permissions=["retry"])
    def retry(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        retry_messages(request, rows)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = context["original"]
        context["turn"] = transcript.turn(row, list(row.outbound.order_by("part")))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="text")
    def text_shown(self, row: InboundMessage) -> str:
        return short(row.text)

    @admin.display(description="error")
    def error_shown(self, row: InboundMessage) -> str:
        return short(row.error)

    @admin.display(description="sender")
    def sender_shown(self, row: InboundMessage) -> str:
        return block(as_json(row.sender)) if row.sender else ""

    @admin.display(description="as it came")
    def raw_shown(self, row: InboundMessage) -> str:
        return block(as_json(row.raw))


@admin.register(OutboundMessage)
class OutboundAdmin(TrafficAdmin):
    """Calls to providers."""

    owner = "conversation__bot__owner"
    fields = [
        *("bot", "conversation_link", "inbound", "notification", "recipient", "part", "status", "attempts", "error"),
        *("provider_message_id", "created_at", "sent_at", "payload_shown"),
    ]
    readonly_fields = ["bot", "conversation_link", "payload_shown"]
    list_display = [
        "pk",
        "status",
        "bot",
        "conversation_link",
        "method",
        "attempts",
        "error_shown",
        "created_at",
        "sent_at",
    ]
    list_filter = ["status", ConversationProviderFilter, ConversationBotFilter]
    list_select_related = ["conversation__bot"]
    search_fields = [*CHAT, "provider_message_id", "error"]

    @admin.display(description="bot")
    def bot(self, row: OutboundMessage) -> str:
        return str(row.conversation.bot)

    @admin.display(description="call")
    def method(self, row: OutboundMessage) -> str:
        return str(row.payload.get("method", ""))

    @admin.display(description="error")
    def error_shown(self, row: OutboundMessage) -> str:
        return short(row.error)

    @admin.display(description="call")
    def payload_shown(self, row: OutboundMessage) -> str:
        return block(as_json(transcript.in_order(row.payload, transcript.CALL)))


@admin.register(Notification)
class NotificationAdmin(RetriedAdmin):
    """What was posted to hooks."""

    fields = [
        *("bot", "hook", "status", "total", "attempts", "error", "idempotency_key", "created_at"),
        *("data_shown", "trace_shown"),
    ]
    readonly_fields = ["data_shown", "trace_shown"]
    list_display = ["pk", "status", "bot", "hook", "total", "attempts", "error_shown", "created_at"]
    list_filter = ["status", BotFilter]
    list_select_related = ["bot", "hook"]
    search_fields = ["hook__name", "idempotency_key", "error"]
    ordering = ["-pk"]
    actions = ["retry"]

    @admin.action(description="Try again what failed", permissions=["retry"])
    def retry(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        retry_deliveries(request, rows)

    @admin.display(description="error")
    def error_shown(self, row: Notification) -> str:
        return short(row.error)

    @admin.display(description="data")
    def data_shown(self, row: Notification) -> str:
        return block(as_json(row.data))

    @admin.display(description="what was rendered")
    def trace_shown(self, row: Notification) -> str:
        return block(as_json(row.trace)) if row.trace else ""
