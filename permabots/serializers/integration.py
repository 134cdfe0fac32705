"""The accounts of bots. The serializers are built from the accounts' tables: a new provider needs no code here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from rest_framework import serializers

from permabots.engine.redaction import is_secret_name
from permabots.models import Bot, Contact, IntegrationBot
from permabots.models.encrypted import encrypted_fields
from permabots.serializers.base import RowSerializer, UtcDateTimeField
from permabots.serializers.configuration import ROW
from permabots.serializers.secrets import ABOUT, SecretField


class ContactSerializer(RowSerializer):
    """The profile of an account, as its provider describes it."""

    class Meta:
        model = Contact
        fields = ["first_name", "last_name", "username"]
        read_only_fields = fields


class StatusSerializer(serializers.Serializer):
    """The state of an account's webhook, as the provider reports it and as permabots has it."""

    account = serializers.CharField(
        allow_null=True, help_text="The provider's id of the account; null where it is not known yet."
    )
    authenticated = serializers.BooleanField(
        help_text="Whether calls of the webhook can be proved to be the provider's own."
    )
    problem = serializers.CharField(
        help_text="Why no message is taken, such as `app_secret missing`; empty where messages are taken."
    )
    rotating = serializers.BooleanField(help_text="Whether calls with the secret before are taken, too.")
    url = serializers.CharField(
        allow_null=True, help_text="Where the provider sends events; empty for nowhere, null where it does not say."
    )
    expected_url = serializers.CharField(help_text="Where it was asked to send them; empty while disabled.")
    pending = serializers.IntegerField(allow_null=True, help_text="Events waiting there; null where it does not say.")
    last_error = serializers.CharField(help_text="Its last failure to deliver an event; empty for none.")
    last_error_at = UtcDateTimeField(allow_null=True, help_text="When that was.")
    refused = serializers.CharField(help_text="What it refused last when permabots called it; empty for nothing.")
    refused_at = UtcDateTimeField(allow_null=True, help_text="When that was.")
    paused_until = UtcDateTimeField(allow_null=True, help_text="Nothing is sent before; null for now.")


URL = "The address at which people talk to the bot; empty where the project has no such page."


def tables() -> dict[str, type[IntegrationBot]]:
    """Return the accounts' tables by the name of the bot's attribute."""
    relations = (field for field in Bot._meta.get_fields() if field.one_to_one)
    return {
        field.name: field.related_model
        for field in relations
        if isinstance(field.related_model, type) and issubclass(field.related_model, IntegrationBot)
    }


def credential_columns(table: type[IntegrationBot]) -> list[str]:
    """Return the columns that users fill in."""
    shared = {field.name for field in IntegrationBot._meta.get_fields()} | {"bot"}
    return [field.name for field in table._meta.concrete_fields if field.editable and field.name not in shared]


def secret_columns(table: type[IntegrationBot]) -> list[str]:
    """Return the credentials that are encrypted, and those of another package's table that only have such a name."""
    encrypted = {field.name for field in encrypted_fields(table)}
    return [name for name in credential_columns(table) if name in encrypted or is_secret_name(name)]


def _asked(check: Callable[[Any], None]) -> Callable[[Any], None]:
    return lambda value: check(value)


class AccountSerializer(RowSerializer):
    """An account, whose secrets are answered as masks."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        if not (issubclass(kind, serializers.CharField) and field_name in secret_columns(model_field.model)):
            return kind, options
        # As plain functions: the form of a secret is not that of its mask, which the schema is of, too.
        options["validators"] = [_asked(check) for check in options.get("validators", ())]
        return SecretField, options


@cache
def integration_serializer(table: type[IntegrationBot]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of one table: the credentials, whether the account is enabled, and its description.

    A secret credential is shown as a mask; one in the table's ``WRITE_ONLY`` is accepted and never shown.
    """
    shown = [*(["info"] if table.SHOWS_INFO else []), *(["url"] if table.HAS_PAGE else [])]
    options: dict[str, dict[str, Any]] = {name: {"help_text": ABOUT} for name in secret_columns(table)}
    options |= {name: {"write_only": True} for name in table.WRITE_ONLY}
    fields = [*ROW, *credential_columns(table), "enabled", *shown]
    columns = {"model": table, "fields": fields, "extra_kwargs": options}
    fields_by_name = {
        "info": ContactSerializer(source="user_api", read_only=True, allow_null=True),
        "url": serializers.CharField(source="public_url", read_only=True, help_text=URL),
    }
    own = {name: fields_by_name[name] for name in shown}
    content = {"__doc__": "A bot's account at a provider.", "Meta": type("Meta", (), columns), **own}
    return type(f"{table.__name__}Serializer", (AccountSerializer,), content)


@cache
def integration_change_serializer(table: type[IntegrationBot]) -> type[serializers.Serializer[Any]]:
    """Return the serializer of a change: ``enabled``, and optional new credentials of the same account."""
    base: Any = integration_serializer(table)
    required = {name: {"required": name == "enabled"} for name in [*credential_columns(table), "enabled"]}
    options = {name: {**base.Meta.extra_kwargs.get(name, {}), **option} for name, option in required.items()}
    meta = type("Meta", (base.Meta,), {"extra_kwargs": options})
    content = {"__doc__": "A change of a bot's account at a provider.", "Meta": meta}
    return type(f"{table.__name__}ChangeSerializer", (base,), content)
