"""Rows of a page's tables that somebody else deleted while the page was open.

Django finds a form's row by the id that the form sends. Where the row is gone, Django neither saves the form nor shows
it again: what was typed there is lost, and the page cannot be saved any more. Such a form is made one of a new row
here, which its author saves or empties.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict

Sent = dict[int, dict[str, list[Any]]]
"""The submitted values of a formset: number of the form -> name of the field -> values."""


class RowsToKeep(forms.BaseModelFormSet):
    """A formset whose rows another author may delete while it is open: the forms of deleted rows become new rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data: Any = as_new(self.data, str(self.prefix), {row.pk for row in self.get_queryset()})


def as_new(data: QueryDict, prefix: str, there: set[UUID]) -> QueryDict:
    """Renumber the forms of a formset whose rows were deleted meanwhile.

    Args:
        data: the submitted data.
        prefix: the prefix of the formset.
        there: the ids of the rows that still exist.

    Returns:
        The same where no row is gone. Else a copy: first the forms of rows that are there, then those of rows that are
        gone, but for the ones that are to be deleted anyway, then those of new rows.
    """
    sent, initial = _sent(data, prefix), _count(data.get(f"{prefix}-{INITIAL_FORM_COUNT}"))
    gone = [number for number in sent if number < initial and _is_gone(sent[number], there)]
    if not gone:
        return data
    kept = [number for number in sent if number < initial and number not in gone]
    wanted = [number for number in gone if DELETION_FIELD_NAME not in sent[number]]
    order = [*kept, *wanted, *(number for number in sent if number >= initial)]
    changed = data.copy()
    for name in [f"{prefix}-{number}-{name}" for number in sent for name in sent[number]]:
        del changed[name]
    for place, number in enumerate(order):
        for name, values in sent[number].items():
            changed.setlist(f"{prefix}-{place}-{name}", [""] if name == "id" and number in gone else values)
    changed[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(kept))
    changed[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(order))
    return changed


def _sent(data: QueryDict, prefix: str) -> Sent:
    key = re.compile(rf"{re.escape(prefix)}-(0|[1-9][0-9]{{0,3}})-(\w+)")
    found: Sent = {}
    for name, values in data.lists():
        if matched := key.fullmatch(name):
            found.setdefault(int(matched[1]), {})[matched[2]] = values
    return dict(sorted(found.items()))


def _count(text: str | None) -> int:
    """Return a number of forms; 0 for a text that is no number, which Django's own check reports."""
    return int(text) if text and re.fullmatch("[0-9]{1,4}", text) else 0


def _is_gone(values: dict[str, list[Any]], there: set[UUID]) -> bool:
    """Return whether a form's row was deleted. Django itself refuses a form whose id is missing or malformed."""
    try:
        return "id" in values and UUID(values["id"][-1]) not in there
    except ValueError:
        return False
