"""Users whom a command names."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError


def find_user(name: str) -> Any:
    """Return the user with a username, None where there is none."""
    users: Any = get_user_model()
    return users._default_manager.filter(**{users.USERNAME_FIELD: name}).first()


def named_user(name: str) -> Any:
    """Return the user with a username.

    Raises:
        CommandError: there is none.
    """
    if (user := find_user(name)) is None:
        raise CommandError(f"There is no user {name!r}.")
    return user
