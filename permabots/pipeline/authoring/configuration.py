"""Writing what authors configure: a handler or hook with all its parts, whole or not at all.

The REST API, the admin and code write through here, so that the same rules hold whoever writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.utils import timezone

from permabots.database import atomic, connection
from permabots.engine.definitions import state_key
from permabots.models import (
    Bot,
    ChatState,
    ConversationTest,
    EnvironmentVar,
    Handler,
    HeaderParam,
    Hook,
    Recipient,
    Request,
    Response,
    State,
    UrlParam,
)
from permabots.pipeline import quotas

Row = TypeVar("Row", bound=models.Model)

_DOUBLES: dict[type[models.Model], tuple[str, str]] = {
    State: ("name", "The bot has a state of this name already; upper case and blanks make no difference."),
    EnvironmentVar: ("key", "The bot has a variable of this key already."),
    UrlParam: ("key", "The request has a parameter of this key already."),
    HeaderParam: ("key", "The request has a header of this key already."),
    Recipient: ("chat_id", "The hook has this recipient already."),
    Hook: ("key", "There is a hook of this key already."),
    ChatState: ("chat", "This chat has a state already."),
    ConversationTest: ("name", "The bot has a test of this name already."),
}
"""Row -> which field makes it a double in its parent, and the sentence that says so."""
_HANDLER = ("name", "pattern", "priority", "enabled")
_HOOK = ("name", "key", "enabled", "strict", "recipients_template")


@contextmanager
def editing(bot: Bot) -> Iterator[None]:
    """Let nobody else write this bot's configuration until the block ends: one transaction, all of it or nothing.

    Every change raises the bot's revision in the end, so writers of one bot wait for each other anyhow. Waiting at the
    beginning means that what a writer has looked up is still there when it writes.

    Raises:
        Bot.DoesNotExist: the bot was deleted.
    """
    with atomic():
        lock(bot)
        yield


def lock(bot: Bot) -> None:
    """Let nobody else write a bot's configuration until the transaction under way ends.

    Raises:
        Bot.DoesNotExist: the bot was deleted.
    """
    # Messages that come in refer to the bot's key: on PostgreSQL they need not wait for an author.
    no_key = connection().features.has_select_for_no_key_update
    Bot.objects.select_for_update(no_key=no_key).only("pk").get(pk=bot.pk)


def save(row: Row, values: Mapping[str, Any] | None = None) -> Row:
    """Set some columns of a row, check the whole of it, and save it.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used, the row is a double in its parent, or its parent
            has as many as it may have; the error names the field or the quota, and nothing is written.
    """
    for name, value in (values or {}).items():
        setattr(row, name, value)
    row.full_clean(validate_unique=False, validate_constraints=False)
    _refuse_double(row)
    if row._state.adding:
        quotas.check(row)
    try:
        with atomic():
            row.save()
    except IntegrityError as error:
        # Somebody who does not take turns by `editing` was faster.
        _refuse_double(row)
        raise error from None
    return row


def change_chat_state(row: ChatState, values: Mapping[str, Any]) -> bool:
    """Put a chat into another state, or give the state to another chat; what it remembers is written by turns alone.

    Args:
        row: as it was read; it has the new values afterwards.
        values: ``state``, ``conversation`` or both.

    Returns:
        False when it is not as it was read any more: a turn has moved the chat meanwhile. Nothing is written then.

    Raises:
        django.core.exceptions.ValidationError: the other chat has a state already.
    """
    as_read = ChatState.objects.filter(pk=row.pk, state=row.state_id, conversation=row.conversation_id)
    for name, value in values.items():
        setattr(row, name, value)
    _refuse_double(row)
    row.updated_at = timezone.now()
    return bool(as_read.update(**values, updated_at=row.updated_at))


def _refuse_double(row: models.Model) -> None:
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        table = cast(type[models.Model], row._meta.concrete_model)
        field, sentence = _DOUBLES.get(table, (NON_FIELD_ERRORS, "There is another one of this id already."))
        raise ValidationError({field: ValidationError(sentence, code="unique")}) from error


def state(bot: Bot, name: str) -> State:
    """Return the bot's state of that name, made where there is none.

    Raises:
        django.core.exceptions.ValidationError: the bot has as many states as it may have.
    """
    if (found := State.objects.filter(bot=bot, key=state_key(name)).first()) is not None:
        return found
    quotas.check(State(bot=bot, name=name))
    return State.objects.get_or_create(bot=bot, key=state_key(name), defaults={"name": name})[0]


def create_handler(bot: Bot, values: Mapping[str, Any], **columns: Any) -> Handler:
    """Make a handler with its request, response and states.

    Args:
        bot: whose it is.
        values: ``name``, ``pattern``, ``response`` (``text_template``, ``keyboard_template``); and, where wanted,
            ``request`` (``url_template``, ``method``, ``data``, ``url_parameters`` and ``header_parameters`` as lists
            of ``key`` and ``value_template``), ``target_state`` and ``source_states`` (names), ``priority``,
            ``enabled``.
        columns: other columns: the id of one that comes back, say.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
    """
    with editing(bot):
        row = Handler(bot=bot, response=save(Response(**values["response"])), **columns)
        return _write_handler(row, {**values, "response": {}})


def change_handler(handler: Handler, values: Mapping[str, Any]) -> Handler:
    """Change what ``values`` names of a handler, and leave the rest.

    Args:
        handler: the row.
        values: as for `create_handler`, any of them. Parameters are changed by their keys and added where the key is
            new, others stay; None takes all of them away. ``source_states`` are all of the source states. None takes
            ``request`` and ``target_state`` away.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
        Handler.DoesNotExist: it was deleted.
    """
    with editing(handler.bot):
        handler.refresh_from_db()
        return _write_handler(handler, values)


def _write_handler(handler: Handler, values: Mapping[str, Any]) -> Handler:
    if values.get("response"):
        save(handler.response, values["response"])
    before = handler.request
    if "request" in values:
        handler.request = _write_request(before, values["request"])
    if "target_state" in values:
        name = values["target_state"]
        handler.target_state = state(handler.bot, name) if name else None
    save(handler, {name: values[name] for name in _HANDLER if name in values})
    if before is not None and handler.request is None:
        before.delete()
    if "source_states" in values:
        handler.source_states.set([state(handler.bot, name) for name in values["source_states"] or ()])
    return handler


def _write_request(request: Request | None, values: Mapping[str, Any] | None) -> Request | None:
    if values is None:
        return None
    row = save(
        request or Request(), {name: values[name] for name in ("url_template", "method", "data") if name in values}
    )
    for model, name in ((UrlParam, "url_parameters"), (HeaderParam, "header_parameters")):
        if name in values:
            _write_parameters(model, row, values[name])
    return row


def _write_parameters(model: Any, request: Request, values: Iterable[Mapping[str, str]] | None) -> None:
    if values is None:
        model.objects.filter(request=request).delete()
        return
    rows = {row.key: row for row in model.objects.filter(request=request)}
    for value in values:
        save(rows.get(value["key"]) or model(request=request), value)


def create_hook(bot: Bot, values: Mapping[str, Any], **columns: Any) -> Hook:
    """Make a hook with its response.

    Args:
        bot: whose it is.
        values: ``name``, ``response``; and, where wanted, ``key``, ``enabled``, ``strict``,
            ``recipients_template``.
        columns: other columns: the id of one that comes back, say.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
    """
    with editing(bot):
        hook = Hook(bot=bot, response=save(Response(**values["response"])), **columns)
        return save(hook, {name: values[name] for name in _HOOK if name in values})


def change_hook(hook: Hook, values: Mapping[str, Any]) -> Hook:
    """Change what ``values`` names of a hook, and leave the rest.

    Raises:
        django.core.exceptions.ValidationError: a field cannot be used; nothing is written.
        Hook.DoesNotExist: it was deleted.
    """
    with editing(hook.bot):
        hook.refresh_from_db()
        if "response" in values:
            save(hook.response, values["response"])
        return save(hook, {name: values[name] for name in _HOOK if name in values})
