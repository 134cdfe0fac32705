"""A second bot like the first."""

from __future__ import annotations

from typing import Any

from permabots.database import atomic
from permabots.models import Bot, EnvironmentVar, Handler, Hook, Recipient, Request, State
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.bots import save_bot

SUFFIX = " (copy)"


def duplicate(bot: Bot) -> Bot:
    """Make a bot with the same states, variables, handlers and hooks, and no accounts, conversations or messages.

    Hooks get keys of their own.

    Raises:
        django.core.exceptions.ValidationError: something in the first bot cannot be used any more; nothing is written.
    """
    longest = Bot._meta.get_field("name").max_length or 0
    with atomic():
        name = bot.name[: longest - len(SUFFIX)] + SUFFIX
        kept = {name: getattr(bot, name) for name in ("owner", "fallback_text", "separate_topics")}
        copy = save_bot(Bot(name=name, **kept))
        with configuration.editing(copy):
            for state in bot.states.all():
                configuration.save(State(bot=copy, name=state.name))
            for row in bot.env_vars.all():
                configuration.save(EnvironmentVar(bot=copy, key=row.key, value=row.value, secret=row.secret))
            for handler in _handlers(bot):
                _copy_handler(copy, handler)
            for hook in bot.hooks.select_related("response").prefetch_related("recipients"):
                _copy_hook(copy, hook)
    return copy


def _handlers(bot: Bot) -> Any:
    """Return the handlers, the oldest first: of equal priority, the copies are tried in the same order."""
    rows = bot.handlers.order_by("created_at", "pk").select_related("request", "response", "target_state")
    return rows.prefetch_related("source_states", "request__url_parameters", "request__header_parameters")


def _copy_handler(copy: Bot, handler: Handler) -> None:
    values = {
        "name": handler.name,
        "pattern": handler.pattern,
        "priority": handler.priority,
        "enabled": handler.enabled,
        "response": _response(handler),
        "request": _request(handler.request),
        "source_states": [state.name for state in handler.source_states.all()],
        "target_state": handler.target_state.name if handler.target_state else None,
    }
    made = configuration.create_handler(copy, values)
    if handler.disabled_reason:
        Handler.objects.filter(pk=made.pk).update(disabled_reason=handler.disabled_reason)


def _request(request: Request | None) -> dict[str, Any] | None:
    if request is None:
        return None
    return {
        "url_template": request.url_template,
        "method": request.method,
        "data": request.data,
        "url_parameters": _parameters(request.url_parameters),
        "header_parameters": _parameters(request.header_parameters),
    }


def _parameters(rows: Any) -> list[dict[str, str]]:
    return [{"key": row.key, "value_template": row.value_template} for row in rows.all()]


def _response(row: Handler | Hook) -> dict[str, str]:
    return {"text_template": row.response.text_template, "keyboard_template": row.response.keyboard_template}


def _copy_hook(copy: Bot, hook: Hook) -> None:
    plain = {name: getattr(hook, name) for name in ("name", "enabled", "strict", "recipients_template")}
    values = {**plain, "response": _response(hook)}
    made = configuration.create_hook(copy, values)
    for row in hook.recipients.all():
        kept = {name: getattr(row, name) for name in ("provider", "chat_id", "user_id", "topic", "name")}
        configuration.save(Recipient(hook=made, **kept))
