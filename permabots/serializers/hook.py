"""Notification hooks, the rotation of their keys, and their recipients."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers

from permabots.models import Hook, Recipient
from permabots.models.registry import providers
from permabots.pipeline.authoring.hook_keys import GRACE, MAX_GRACE
from permabots.serializers.base import OptionalFields, ProviderIdField, RejectUnknownFields, RowSerializer
from permabots.serializers.configuration import ROW, ResponseChangeSerializer, ResponseSerializer
from permabots.serializers.integration import tables


class HookSerializer(RowSerializer):
    """A hook, with its oldest recipients by provider and the number of all.

    Its key is generated, and changes by a rotation only.
    """

    response = ResponseSerializer()
    recipients_template = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        validators=Hook._meta.get_field("recipients_template").validators,
        help_text="Names those who are told, with commas between them; empty for all.",
    )
    recipients_count = serializers.IntegerField(
        read_only=True,
        help_text="The number of all recipients. A hook shows its oldest 1,000, and 100 in a list of hooks; all are in "
        "the lists of recipients.",
    )

    class Meta:
        model = Hook
        fields = [
            *ROW,
            *("name", "key", "previous_key_expires_at", "enabled", "strict", "recipients_template", "response"),
            "recipients_count",
        ]
        read_only_fields = ["key", "previous_key_expires_at"]

    def validate_recipients_template(self, value: str | None) -> str:
        return value or ""

    def get_fields(self) -> dict[str, serializers.Field]:
        recipients = {f"{slug}_recipients": recipient_serializer(slug)(many=True, read_only=True) for slug in slugs()}
        return {**super().get_fields(), **recipients}


class HookChangeSerializer(OptionalFields, HookSerializer):
    """A change of a hook: an omitted field stays as it is."""

    response = ResponseChangeSerializer(required=False)


class KeyRotationSerializer(RejectUnknownFields, serializers.Serializer):
    """A rotation: for how many seconds posts with the replaced key are taken, a day by default; 0 ends it at once."""

    grace_seconds = serializers.IntegerField(min_value=0, max_value=MAX_GRACE, default=GRACE)


def slugs() -> tuple[str, ...]:
    """Return the slugs of the providers that recipients may have: those with a table, and those in use."""
    return tuple(dict.fromkeys([*(table.SLUG for table in tables().values()), *providers()]))


class RecipientsOfProvider(serializers.ListSerializer):
    """A hook's recipients of one provider, selected from those that were fetched with the hook."""

    def get_attribute(self, instance: Any) -> list[Recipient]:
        form: Any = self.child
        return [row for row in instance.shown_recipients if row.provider == form.Meta.slug]


@cache
def recipient_serializer(slug: str) -> type[serializers.Serializer[Any]]:
    """Return the serializer of one provider's recipients: the provider's address fields, and a name."""
    provider = providers().get(slug)
    fields: dict[str, Any] = {
        "chat_id": ProviderIdField(integer=bool(provider and provider.integer_ids), max_length=150)
    }
    if provider and "user_id" in provider.recipient_fields:
        names: dict[str, Any] = {} if provider.user_field == "user_id" else {"source": "user_id"}
        fields[provider.user_field] = serializers.CharField(max_length=255, **names)
    if provider:
        # Without topics the field is write-only: a topic gets an error of its own, and responses have none.
        fields["topic"] = serializers.CharField(
            required=False,
            allow_blank=True,
            max_length=150,
            write_only=not provider.has_topics,
            help_text=f"A topic of the chat; empty for none.{'' if provider.has_topics else ' There are none here.'}",
        )
    options = {"model": Recipient, "slug": slug, "fields": [*ROW, "name", *fields]}
    meta = type("Meta", (), {**options, "list_serializer_class": RecipientsOfProvider})
    about = f"A recipient of a hook on {provider.name if provider else slug}."
    return type(f"{slug.title()}RecipientSerializer", (RowSerializer,), {"__doc__": about, "Meta": meta, **fields})
