"""A bot's traffic, read-only: messages, the calls that answer them, the notifications of hooks."""

from __future__ import annotations

from rest_framework import serializers

from permabots.models import InboundMessage, Notification, OutboundMessage
from permabots.serializers.base import UtcModelSerializer


class OutboundSerializer(UtcModelSerializer):
    """One call to a provider; ``payload`` holds its ``method`` and ``body``, no credentials."""

    class Meta:
        model = OutboundMessage
        fields = read_only_fields = [
            "id",
            "part",
            "status",
            "attempts",
            "error",
            "payload",
            "provider_message_id",
            "created_at",
            "sent_at",
        ]


class MessageSerializer(UtcModelSerializer):
    """An incoming message with its status, its trace, and the calls of its answer."""

    chat = serializers.CharField(source="conversation.chat_id", read_only=True)
    user = serializers.CharField(source="conversation.user_id", read_only=True)
    topic = serializers.CharField(source="conversation.topic", read_only=True)
    trace = serializers.DictField(read_only=True, allow_null=True)
    outbound = OutboundSerializer(many=True, read_only=True)

    class Meta:
        model = InboundMessage
        fields = read_only_fields = [
            "id",
            "provider",
            "chat",
            "user",
            "topic",
            "kind",
            "text",
            "status",
            "attempts",
            "error",
            "received_at",
            "handled_at",
            "trace",
            "outbound",
        ]


class DeliveredSerializer(OutboundSerializer):
    """One call to a provider for one recipient of a hook; a deleted recipient has only its chat."""

    recipient = serializers.UUIDField(source="recipient_id", read_only=True, allow_null=True)
    name = serializers.CharField(source="recipient.name", read_only=True, default="")
    provider = serializers.CharField(source="conversation.provider", read_only=True)
    chat = serializers.CharField(source="conversation.chat_id", read_only=True)
    user = serializers.CharField(source="conversation.user_id", read_only=True)
    topic = serializers.CharField(source="conversation.topic", read_only=True)

    class Meta(OutboundSerializer.Meta):
        fields = read_only_fields = [
            *("recipient", "name", "provider", "chat", "user", "topic"),
            *OutboundSerializer.Meta.fields,
        ]


class DeliverySerializer(UtcModelSerializer):
    """One notification: ``recipients`` were accepted, ``counts`` says how many calls are in which status.

    ``outbound`` holds the first calls only, those that failed before all others.
    """

    recipients = serializers.IntegerField(source="total", read_only=True)
    trace = serializers.DictField(read_only=True, allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    outbound = DeliveredSerializer(source="first_outbound", many=True, read_only=True)

    class Meta:
        model = Notification
        fields = read_only_fields = [
            "id",
            "status",
            "recipients",
            "attempts",
            "error",
            "idempotency_key",
            "data",
            "created_at",
            "trace",
            "counts",
            "outbound",
        ]


class RetriedSerializer(serializers.Serializer):
    """The numbers of retried rows: ``messages`` that will be answered, ``calls`` of answers that will be made."""

    messages = serializers.IntegerField(read_only=True)
    calls = serializers.IntegerField(read_only=True)
