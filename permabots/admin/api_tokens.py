"""API tokens: made, rotated and revoked. A key is shown once, in the answer that makes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse

from permabots.admin.base import OwnedAdmin
from permabots.admin.forms import PipelineErrorForm
from permabots.models import ApiToken, Bot
from permabots.models.api_token import Scope
from permabots.pipeline.authoring import api_tokens

DAY = 24 * 3600
RIGHTS = ("name", "scopes", "all_bots", "bots", "expires_at")


MOMENT = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ApiTokenForm(PipelineErrorForm):
    """A new token."""

    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)


@admin.register(ApiToken)
class ApiTokenAdmin(OwnedAdmin):
    """API tokens: everybody makes their own. Their rights cannot be changed afterwards."""

    owner = "user"
    form = ApiTokenForm
    # One field and not Django's two, which have no labels.
    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MOMENT}}
    fields = RIGHTS
    list_display = ["name", "user", "key_prefix", "rights", "named_bots", "last_used_at", "state"]
    list_select_related = ["user"]
    search_fields = ["name", "key_prefix"]
    ordering = ["-created_at"]
    actions = ["revoke", "rotate", "rotate_with_grace"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("bots")

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> models.QuerySet[Any] | None:
        """Return the user's own bots, for a superuser too: a token is for bots of its user."""
        if db_field.name == "bots":
            return Bot.objects.filter(owner=request.user.pk)
        return super().get_field_queryset(db, db_field, request)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse filters of a list by digests, which would tell a digest letter by letter."""
        return "digest" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        shown = ["rights" if name == "scopes" else name for name in RIGHTS]
        return [*shown, "user", "key_prefix", "created_at", "last_used_at", "state"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else self.get_fields(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    # Making one

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row, obj.key = api_tokens.create(request.user, form.cleaned_data)
        vars(obj).update(vars(row))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key: a redirect would have to carry it along, in a cookie or a session."""
        return self._show_key(request, obj, obj.key)

    def _show_key(self, request: HttpRequest, row: ApiToken, key: str) -> HttpResponse:
        return self.page_of_site(request, "api_token_key.html", {"title": "API token", "token": row, "key": key})

    # Actions

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
        for row in rows:
            api_tokens.revoke(row)
            messages.success(request, f"{row}: revoked.")

    @admin.action(description="Rotate: a new key, the old one ends now", permissions=["change"])
    def rotate(self, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:
        return self._rotate(request, rows, 0)

    @admin.action(description="Rotate: a new key, the old one works for a day", permissions=["change"])
    def rotate_with_grace(self, request: HttpRequest, rows: models.QuerySet[Any]) -> HttpResponse | None:
        return self._rotate(request, rows, DAY)

    def _rotate(self, request: HttpRequest, rows: models.QuerySet[Any], grace: int) -> HttpResponse | None:
        chosen = list(rows[:2])
        if len(chosen) != 1 or chosen[0].user_id != request.user.pk:
            messages.error(request, "Choose one token of your own: its new key is shown to you.")
            return None
        try:
            key = api_tokens.rotate(chosen[0], grace)
        except ValidationError as error:
            messages.error(request, f"{chosen[0]}: {' '.join(error.messages)}")
            return None
        self.log_change(request, chosen[0], "Rotated.")
        return self._show_key(request, chosen[0], key)

    # Display

    @admin.display(description="scopes")
    def rights(self, row: ApiToken) -> str:
        return ", ".join(row.scopes)

    @admin.display(description="for")
    def named_bots(self, row: ApiToken) -> str:
        return "all bots" if row.all_bots else ", ".join(str(bot) for bot in row.bots.all()) or "no bot"

    @admin.display(description="state")
    def state(self, row: ApiToken) -> str:
        return row.refusal() or "It is taken."
