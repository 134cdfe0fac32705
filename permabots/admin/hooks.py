"""Notification hooks, each with its answer and its recipients on one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import ValidationError as SerializerError

from permabots.admin import bot_page, consequences
from permabots.admin.base import BotChildAdmin
from permabots.admin.deleted_rows import RowsToKeep
from permabots.admin.filters import BotFilter
from permabots.admin.formatting import block, number_of
from permabots.admin.forms import AuthorForm, NamedCells
from permabots.admin.handler_form import RESPONSE, ResponseForm, TemplateField
from permabots.models import Hook, Recipient
from permabots.models.registry import providers
from permabots.pipeline.authoring import configuration, hook_keys, template_warnings
from permabots.providers.base.contract import Provider
from permabots.serializers.base import ProviderIdField
from permabots.serializers.hook import slugs


class RecipientForm(AuthorForm):
    """A recipient at one provider. Its chat is checked as the REST API checks it.

    Attributes:
        slug: the provider.
        integer: whether the provider's ids are numbers.
    """

    slug = ""
    integer = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.provider = self.slug
        if "user_id" in self.fields:
            self.fields["user_id"].required = True
            self.fields["user_id"].label = "User name"

    def clean_chat_id(self) -> str:
        try:
            chat: str = ProviderIdField(integer=self.integer, max_length=150).run_validation(
                self.cleaned_data["chat_id"]
            )
        except SerializerError as error:
            details: Any = error.detail
            raise ValidationError([str(detail) for detail in details]) from error
        return chat

    def _get_validation_exclusions(self) -> set[str]:
        """Check for doubles by provider too, which is no field of the form: a chat at two providers is no double."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc] # Django has it
        return exclusions - {"provider"}


class RecipientFormSet(NamedCells, RowsToKeep, forms.BaseInlineFormSet):
    """The recipients of a hook at one provider."""


class RecipientInline(admin.TabularInline):
    """The recipients of a hook at one provider."""

    model = Recipient
    formset = RecipientFormSet
    extra = 1
    slug = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(provider=self.slug)


def recipient_inline(slug: str) -> type[RecipientInline]:
    """Return the inline of one provider's recipients: the ids that the provider needs, and a name for people."""
    provider: Provider | None = providers().get(slug)
    name = provider.name if provider else slug
    by_user = ["user_id"] if provider and "user_id" in provider.recipient_fields else []
    by_topic = ["topic"] if provider and provider.has_topics else []
    facts = {"slug": slug, "integer": bool(provider and provider.integer_ids)}
    values = {
        "slug": slug,
        "form": type(f"{slug.title()}RecipientForm", (RecipientForm,), facts),
        "fields": ["name", "chat_id", *by_user, *by_topic],
        "verbose_name": f"recipient on {name}",
        "verbose_name_plural": f"recipients on {name}",
    }
    return type(f"{slug.title()}RecipientInline", (RecipientInline,), values)


HOOK = ("name", "enabled", "strict", "recipients_template")


class HookForm(ResponseForm):
    """A hook with its response."""

    recipients_template = TemplateField(
        label="Which recipients",
        rows=2,
        required=False,
        help_text="Jinja2 for names of the recipients below, with commas between them. Empty for all of them.",
    )

    class Meta:
        model = Hook
        fields = ["bot", *HOOK]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.setdefault("strict", True)


@admin.register(Hook)
class HookAdmin(BotChildAdmin):
    """Notification hooks."""

    form = HookForm
    list_display = ["name", "bot", "enabled", "recipient_count", "address"]
    list_filter = ["enabled", BotFilter]
    search_fields = ["name", "key", "bot__name"]
    readonly_fields = ["address", "previous_key_expires_at"]
    cascade_counts = ("recipients", "notifications")
    actions = ["rotate_keys", "rotate_keys_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("bot", "response")
        return rows.annotate(number_recipients=number_of(Recipient, "hook"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["address", "previous_key_expires_at"] if obj is not None else []
        return [(None, {"fields": ["bot", *HOOK, *shown]}), ("What it says", {"fields": [*RESPONSE]})]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [recipient_inline(slug) for slug in slugs()]

    def parts(self, obj: Any) -> dict[str, str]:
        rows = obj.recipients.order_by("provider", "name", "chat_id", "user_id", "topic")
        recipients = [f"{row.name} on {row.provider} ({'/'.join(filter(None, row.place))})" for row in rows]
        return {"Recipients": "; ".join(recipients)}

    # Saving: by the functions that the REST API uses

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {**{name: getattr(obj, name) for name in HOOK}, "response": form.response()}
        row = configuration.change_hook(obj, values) if change else configuration.create_hook(obj.bot, values)
        vars(obj).update(vars(row))
        for said in template_warnings.of_hook(row):
            messages.warning(request, f"{row}: {said}")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        with configuration.editing(form.instance.bot):
            for row in formset.deleted_objects:
                row.delete()
            for row in rows:
                row.hook = form.instance
                configuration.save(row)

    def consequences(self, rows: Sequence[Any]) -> Iterable[str]:
        return consequences.of_hooks(rows)

    # Actions

    @admin.action(description="Rotate: a new key, the old one works for a day", permissions=["change"])
    def rotate_keys(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._rotate(request, rows, hook_keys.DAY)

    @admin.action(description="Rotate: a new key, the old one ends now", permissions=["change"])
    def rotate_keys_now(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._rotate(request, rows, 0)

    def _rotate(self, request: HttpRequest, rows: QuerySet[Any], grace: int) -> None:
        for row in rows:
            try:
                hook = hook_keys.rotate(row, grace)
            except ValidationError as error:
                messages.error(request, f"{row}: {' '.join(error.messages)}")
                continue
            self.log_change(request, hook, "Rotated.")
            messages.success(request, f"{hook}: posts go to {bot_page.hook_address(hook)} from now on.")

    # Display

    @admin.display(description="URL to post to")
    def address(self, row: Hook) -> str:
        return bot_page.hook_address(row)

    @admin.display(description="recipients", ordering="number_recipients")
    def recipient_count(self, row: Any) -> int:
        return int(row.number_recipients)

    @admin.display(description="text")
    def text_template(self, row: Hook) -> str:
        return block(row.response.text_template)

    @admin.display(description="keyboard")
    def keyboard_template(self, row: Hook) -> str:
        return block(row.response.keyboard_template)
