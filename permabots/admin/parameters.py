"""The parameters of a handler's request, on the handler's page. Their foreign key leads to the request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import TabularInline
from django.contrib.admin.checks import InlineModelAdminChecks
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest

from permabots.admin.deleted_rows import RowsToKeep
from permabots.admin.forms import AuthorForm, NamedCells
from permabots.models import Handler, HeaderParam, UrlParam


class ParameterForm(AuthorForm):
    """A key and the template of its value."""

    class Meta:
        fields = ["key", "value_template"]


class ParameterFormSet(NamedCells, RowsToKeep):
    """The parameters of one kind. The formset checks them; the handler's page writes them with the rest.

    Args:
        instance: the handler.
        save_as_new: passed by the admin to every formset; not used.
    """

    new_objects: list[Any] = []
    changed_objects: list[Any] = []
    deleted_objects: list[Any] = []

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        instance: Handler,
        queryset: Any,
        prefix: str | None = None,
        save_as_new: bool = False,
    ) -> None:
        rows = queryset.filter(request=instance.request_id) if instance.request_id else queryset.none()
        super().__init__(data, files, prefix=prefix, queryset=rows.order_by("created_at", "pk"))

    @classmethod
    def get_default_prefix(cls) -> str:
        model: Any = cls.model
        return str(model._meta.model_name)

    def clean(self) -> None:
        """Refuse a key that is given twice: which of them would count?"""
        seen: set[str] = set()
        for form in self._kept_forms():
            key = form.cleaned_data.get("key")
            if key and key in seen:
                form.add_error("key", "This key is given twice.")
            seen.add(key)

    def values(self) -> list[dict[str, str]]:
        """Return the valid parameters as the pipeline takes them."""
        names = ("key", "value_template")
        return [{name: form.cleaned_data[name] for name in names} for form in self._kept_forms()]

    def _kept_forms(self) -> list[Any]:
        """Return the forms that are filled in and not ticked for deletion. An invalid form may have no key."""
        filled = [form for form in self.forms if form.has_changed() or form in self.initial_forms]
        return [form for form in filled if not getattr(form, "cleaned_data", {}).get(DELETION_FIELD_NAME)]


class NoForeignKey(InlineModelAdminChecks):
    """The checks of an inline without that of the foreign key: parameters have none to the handler."""

    def _check_exclude_of_parent_model(self, obj: Any, parent_model: Any) -> list[Any]:
        return []

    def _check_relation(self, obj: Any, parent_model: Any) -> list[Any]:
        return []


class ParameterInline(TabularInline):
    """Parameters on the handler's page. Whoever may change the handler may change them."""

    form = ParameterForm
    formset = ParameterFormSet  # type: ignore[assignment] # Django wants a formset with a foreign key
    checks_class = NoForeignKey
    extra = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return forms.modelformset_factory(
            self.model,
            form=self.form,
            formset=self.formset,
            fields=["key", "value_template"],
            can_delete=True,
            extra=self.extra if self.has_change_permission(request, obj) else 0,
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change" if obj is not None else "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change" if obj is not None else "add")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def _may(self, request: HttpRequest, do: str) -> bool:
        user: Any = request.user
        return bool(user.has_perm(f"permabots.{do}_{Handler._meta.model_name}"))


class UrlParameterInline(ParameterInline):
    """Query parameters."""

    model = UrlParam
    verbose_name = "URL parameter"


class HeaderParameterInline(ParameterInline):
    """Headers."""

    model = HeaderParam
    verbose_name = "header"
