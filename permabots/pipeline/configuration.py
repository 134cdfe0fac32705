"""Writing what authors configure: a handler or hook with all its parts, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction

from permabots.engine.definitions import state_key
from permabots.models import Bot, Handler, HeaderParam, Hook, Request, Response, State, UrlParam

Row = TypeVar("Row", bound=models.Model)


def state(bot: Bot, name: str) -> State:
    """Return the bot's state of that name, made where there is none."""
    return State.objects.get_or_create(bot=bot, key=state_key(name), defaults={"name": name})[0]


def create_handler(bot: Bot, values: Mapping[str, Any]) -> Handler:
    """Make a handler with its request, response and states.

    Args:
        bot: whose it is.
        values: ``name``, ``pattern``, ``response`` (``text_template``, ``keyboard_template``); and, where wanted,
            ``request`` (``url_template``, ``method``, ``data``, ``url_parameters`` and ``header_parameters`` as lists
            of ``key`` and ``value_template``), ``target_state`` and ``source_states`` (names), ``priority``,
            ``enabled``.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
    """
    plain = {name: values[name] for name in ("name", "pattern", "priority", "enabled") if name in values}
    with transaction.atomic():
        handler = Handler(
            bot=bot,
            response=_save(Response(**values["response"])),
            request=_request(values["request"]) if values.get("request") else None,
            target_state=state(bot, values["target_state"]) if values.get("target_state") else None,
            **plain,
        )
        _save(handler)
        handler.source_states.set(state(bot, name) for name in values.get("source_states", ()))
    return handler


def create_hook(bot: Bot, values: Mapping[str, Any]) -> Hook:
    """Make a hook with its response.

    Args:
        bot: whose it is.
        values: ``name``, ``response``; and, where wanted, ``key``, ``enabled``.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
    """
    plain = {name: values[name] for name in ("name", "key", "enabled") if name in values}
    with transaction.atomic():
        return _save(Hook(bot=bot, response=_save(Response(**values["response"])), **plain))


def _request(values: Mapping[str, Any]) -> Request:
    request = _save(Request(**{name: values[name] for name in ("url_template", "method", "data") if name in values}))
    _parameters(UrlParam, request, values.get("url_parameters", ()))
    _parameters(HeaderParam, request, values.get("header_parameters", ()))
    return request


def _parameters(model: Any, request: Request, values: Iterable[Mapping[str, str]]) -> None:
    for value in values:
        _save(model(request=request, **value))


def _save(row: Row) -> Row:
    row.full_clean()
    row.save()
    return row
