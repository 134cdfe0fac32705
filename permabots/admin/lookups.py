"""Filters that stand in the address of a list: Django reads almost any look-up there."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, FieldError
from django.db import DataError, NotSupportedError
from django.http import HttpRequest

_REFUSED = frozenset({"regex", "iregex", "range"})
"""A pattern may run for hours, on SQLite in this very process; a range has two values, and an address only a text."""
_UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, FieldError, DataError, NotSupportedError)


class FilteredList(ChangeList):
    """A list whose filters, where the database cannot read them, are the caller's error."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of a page.

        Raises:
            BadRequest: a filter cannot be read.
        """
        try:
            super().get_results(request)
        except _UNREADABLE as error:
            if not self.filter_params:
                raise
            raise BadRequest(f"The list cannot be filtered so: {error}") from error


class SafelyFiltered(ModelAdmin):
    """Pages whose list answers 400 to a filter that costs too much or cannot be read."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return _REFUSED.isdisjoint(lookup.split("__")) and super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FilteredList
