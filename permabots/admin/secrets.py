"""Stored secrets on pages: masked, and said to be unreadable where no key decrypts them."""

from __future__ import annotations

from typing import Any

from permabots.admin.formatting import short
from permabots.exceptions import SecretUnreadable
from permabots.security.masks import masked

UNREADABLE = "cannot be decrypted: its key is missing"


def readable(row: Any, name: str) -> str | None:
    """Return a secret of a row, "" for none; None where it cannot be decrypted."""
    try:
        return getattr(row, name) or ""
    except SecretUnreadable:
        return None


def shown_secret(row: Any, name: str) -> str:
    """Return how a page shows a secret of a row, "" for none."""
    value = readable(row, name)
    return UNREADABLE if value is None else value and masked(value)


def shown_variable(row: Any) -> str:
    """Return how a page shows the value of an environment variable."""
    if row.secret:
        return shown_secret(row, "value")
    value = readable(row, "value")
    return UNREADABLE if value is None else short(value)


def now_stored(row: Any, name: str) -> str:
    """Return the words of a form about a stored secret, which its empty field keeps."""
    return f"Now {shown_secret(row, name)}. Leave it empty to keep it."
