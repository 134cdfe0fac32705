"""Warnings for the author of templates, once they are saved."""

from __future__ import annotations

from permabots.engine import templates, unknown_names
from permabots.engine.definitions import ResponseDefinition
from permabots.engine.templates.emoji import EMOJI
from permabots.exceptions import DefinitionError
from permabots.models import EnvironmentVar, Handler, Hook
from permabots.providers.base.markup import plain
from permabots.providers.base.splitting import shows


def of_handler(handler: Handler) -> list[str]:
    """Return a sentence for each name that a handler's templates read and nothing gives, and for a text of nothing."""
    definition = handler.definition()
    return unknown_names.of_handler(definition, _keys(handler)) + _of_nothing(definition.response)


def of_hook(hook: Hook) -> list[str]:
    """Return a sentence for each name that a hook's templates read and nothing gives, and for a text of nothing."""
    definition = hook.definition()
    return unknown_names.of_hook(definition, _keys(hook)) + _of_nothing(definition.response)


def of_key(key: str) -> list[str]:
    """Say how a variable is read whose key is no name in a template."""
    return [said] if (said := unknown_names.of_key(key)) else []


def _of_nothing(response: ResponseDefinition) -> list[str]:
    """Say that nothing of a text can be seen, where that is so whatever happens."""
    try:
        if not templates.is_constant(response.text_template):
            return []
        text = templates.render_text(response.text_template, {"emoji": EMOJI}, templates.Budget(templates.DRY_LIMITS))
    except DefinitionError:  # it is told elsewhere what is wrong with it
        return []
    if shows(plain(text)):
        return []
    lost = ", and its keyboard neither" if response.keyboard_template.strip() else ""
    return [f"Nothing of the text can be seen: it is not sent{lost}."]


def _keys(row: Handler | Hook) -> list[str]:
    return list(EnvironmentVar.objects.filter(bot=row.bot_id).values_list("key", flat=True))
