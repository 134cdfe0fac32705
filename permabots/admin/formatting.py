"""How values are shown to people."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from permabots.providers.base.facts import Limits
from permabots.values import Json

LONGEST = 80
"""Characters of a text in a list."""


def short(text: str | None) -> str:
    """Return a text as a list shows it, in one line."""
    line = " ".join((text or "").split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def as_json(value: Json) -> str:
    """Return JSON for people: indented, without escapes for letters."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def block(text: Any) -> SafeString | str:
    """Return a text as it is, line by line."""
    return format_html('<pre class="permabots-block">{}</pre>', text) if text not in (None, "") else ""


def link(url: str, text: Any) -> SafeString:
    """Return a link."""
    return format_html('<a href="{}">{}</a>', url, text)


def limits_in_words(limits: Limits) -> str:
    """Return a messenger's limits for one message, in words; what is over them goes in further messages."""
    numbers = {
        "characters": limits.text,
        "buttons": limits.buttons,
        "buttons in a row": limits.row,
        "characters on a button": limits.label,
    }
    *most, last = [f"{number:,} {what}" for what, number in numbers.items() if number is not None]
    return f"{', '.join(most)} and {last}" if most else last


def page_url(site: str, table: type[models.Model], do: str, *ids: Any) -> str:
    """Return the URL of a table's page in an admin site (``add``, ``change``, ``changelist``), "" where it has none."""
    try:
        return reverse(f"{site}:{table._meta.app_label}_{table._meta.model_name}_{do}", args=ids)
    except NoReverseMatch:
        return ""


def number_of(model: type[models.Model], parent: str, **only: Any) -> Coalesce:
    """Return, for a list's query, how many rows of a model each row has.

    Args:
        model: the model whose rows are counted.
        parent: the name of its foreign key to the listed row.
        only: conditions that counted rows fulfil.
    """
    rows = model._base_manager.filter(**{parent: OuterRef("pk")}, **only).order_by().values(parent)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)
