"""Base classes of the forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from permabots.admin.help_texts import HELP
from permabots.admin.versions import VersionedForm


class AuthorForm(forms.ModelForm):
    """A form whose fields say what they are for, and take whatever is pasted: what is too long is told, never cut.

    A browser cuts what is pasted into an input with a ``maxlength`` without a word.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_texts = HELP.get(str(self._meta.model._meta.model_name), {})
        for name, field in self.fields.items():
            field.widget.attrs.pop("maxlength", None)
            field.help_text = escape(field.help_text or help_texts.get(name, ""))  # the admin shows a help text as HTML


class PipelineErrorForm(AuthorForm, VersionedForm):
    """A form that shows errors of the pipeline, which come after the form itself was valid.

    Attributes:
        refusal: the pipeline's error, set by the page that shows the form again; None at first.
    """

    refusal: ValidationError | None = None

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.refusal is not None:
            add_errors(self, self.refusal)

    def _get_validation_exclusions(self) -> set[str]:
        """Leave checks for doubles to the pipeline, which reports them at their field."""
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc] # Django has it
        return exclusions | {"bot"}


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Add errors to a form: each at its field, and above the form those of fields that it does not have."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, list(errors))


class NamedCells(forms.BaseFormSet):
    """Mixed into formsets shown as tables: fields there have a column's heading and no label, so each is named."""

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            field.widget.attrs.setdefault("aria-label", str(field.label or name.replace("_", " ").capitalize()))
