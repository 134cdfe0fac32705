"""What the author of templates should know of them, once they are saved."""

from __future__ import annotations

from permabots.engine import unknown_names
from permabots.models import EnvironmentVar, Handler, Hook


def of_handler(handler: Handler) -> list[str]:
    """Return a sentence for each name that a handler's templates read and nothing gives."""
    return unknown_names.of_handler(handler.definition(), _keys(handler))


def of_hook(hook: Hook) -> list[str]:
    """Return a sentence for each name that a hook's templates read and nothing gives."""
    return unknown_names.of_hook(hook.definition(), _keys(hook))


def of_key(key: str) -> list[str]:
    """Say how a variable is read whose key is no name in a template."""
    return [said] if (said := unknown_names.of_key(key)) else []


def _keys(row: Handler | Hook) -> list[str]:
    return list(EnvironmentVar.objects.filter(bot=row.bot_id).values_list("key", flat=True))
