"""Two authors at one page: the second SAVE does not put the first one's text back without being told.

A form carries a hash of each value that it was opened with. Where another author has changed a value since, and saving
would change it back, the form is refused and shows both versions; a tick saves it all the same. The tick counts for the
version that was shown beside it, and for no later one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.crypto import salted_hmac

SEEN_VERSION, OVERWRITE = "seen_version", "overwrite_version"
CHANGED = "Somebody has saved this since you opened it. Yours is not saved yet: compare what is marked below."
NOW = "Saved meanwhile: {}"
HIDDEN_VALUE = "another value"


class Hidden(forms.CharField):
    """A hidden field that the form carries along; it counts as no change of the row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, **options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class Checkbox(forms.CheckboxInput):
    """A checkbox that sends a text. It is never ticked when it is shown.

    Args:
        value: the text.
    """

    def __init__(self, value: str) -> None:
        super().__init__(attrs={"value": value}, check_test=lambda _: False)

    def format_value(self, value: Any) -> None:
        return None

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(name, "")


class VersionedForm(forms.ModelForm):
    """A form of a row that somebody else may change while it is open.

    Attributes:
        parts: parts of the row that the page shows beside the form, by their names; set by the page.
    """

    parts: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.fields and not self.instance._state.adding:
            self.fields[SEEN_VERSION] = Hidden(initial=lambda: json.dumps(self._signs()))
            self.fields[OVERWRITE] = Hidden(label="Save mine all the same")

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and SEEN_VERSION in self.fields and (changed := self._changed_meanwhile()):
            self._refuse(changed)

    def _values(self) -> dict[str, Any]:
        """Return the stored values, by the names of the form's fields and of the parts."""
        fields = {name: field for name, field in self.fields.items() if name not in {SEEN_VERSION, OVERWRITE}}
        return {**{name: self.get_initial_for_field(field, name) for name, field in fields.items()}, **self.parts}

    def _signs(self) -> dict[str, str]:
        return {name: _sign(name, _plain(value)) for name, value in self._values().items()}

    def _changed_meanwhile(self) -> list[str]:
        """Return the names of values that another author has changed and this form would change back."""
        seen, now = _read(self.data.get(self.add_prefix(SEEN_VERSION), "")), self._signs()
        changed = [name for name, sign in now.items() if seen.get(name, sign) != sign]
        confirmed = self.data.get(self.add_prefix(OVERWRITE), "") == _all_of(now)
        return [] if confirmed else [name for name in changed if name in self.parts or self._differs(name)]

    def _differs(self, name: str) -> bool:
        field, bound = self.fields[name], self[name]
        if isinstance(field.widget, forms.PasswordInput) and not bound.data:
            return False  # nothing was typed: the stored secret stays
        return field.has_changed(self.get_initial_for_field(field, name), bound.data)

    def _refuse(self, changed: list[str]) -> None:
        self.add_error(None, CHANGED)
        values = self._values()
        for name in changed:
            if name in self.parts:
                self.add_error(None, f"{name}. {NOW.format(self.parts[name] or 'none')}")
            else:
                self.add_error(name, NOW.format(_shown(self.fields[name], values[name])))
        self.fields[OVERWRITE].widget = Checkbox(_all_of(self._signs()))
        self.fields[OVERWRITE].help_text = "What was saved meanwhile is lost then, where yours differs."


def _read(text: str) -> dict[str, str]:
    try:
        signs = json.loads(text)
    except (RecursionError, ValueError):
        return {}
    return signs if isinstance(signs, dict) else {}


def _plain(value: Any) -> str:
    """Return a value as a text; equal values have the same text."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return json.dumps(sorted(_plain(item) for item in value))
    return json.dumps(value, sort_keys=True, default=str)


def _sign(name: str, text: str) -> str:
    """Return a keyed hash of a value for the page: a secret cannot be guessed from it."""
    return salted_hmac(f"{__name__}:{name}", text).hexdigest()[:16]


def _all_of(signs: Mapping[str, str]) -> str:
    return _sign("*", json.dumps(signs, sort_keys=True))


def _shown(field: forms.Field, value: Any) -> str:
    """Return a stored value in words for people."""
    if isinstance(field.widget, forms.PasswordInput):
        return HIDDEN_VALUE
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(str(item) for item in value or ())) or "none"
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        return str(rows.filter(pk=value).first() or "none") if value else "none"
    if isinstance(field, forms.BooleanField):
        return "ticked" if value else "not ticked"
    return "empty" if value is None else str(field.prepare_value(value)) or "empty"
