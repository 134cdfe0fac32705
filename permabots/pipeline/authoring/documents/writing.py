"""Writing the rows that the items of a document are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from permabots.models import Bot, ConversationTest, EnvironmentVar, Hook, Recipient, State
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.documents.snapshot import PRIVATE, Item

UNSET = "unset"
"""What stands for a secret that is left out while its row is checked: an author may not leave a variable empty."""


@contextmanager
def at(where: str) -> Iterator[None]:
    """Say in which part of the document an error is.

    Raises:
        django.core.exceptions.ValidationError: in place of one without the place.
    """
    try:
        yield
    except ValidationError as error:
        sentences = error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]
        words = "; ".join(f"{name}: {' '.join(said)}" if name else " ".join(said) for name, said in sentences)
        raise ValidationError(f"{where}: {words}", code="document") from error


def _values(item: Item) -> Item:
    """Return what an item says of its row."""
    return {name: value for name, value in item.items() if name not in {*PRIVATE, "id", "recipients"}}


def _columns(item: Item) -> dict[str, Any]:
    """Return what a row has from before it was deleted."""
    return {column: item[name] for name, column in (("row", "id"), ("hook_key", "key")) if name in item}


def _write_state(bot: Bot, row: Any, item: Item) -> Any:
    return configuration.save(row or State(bot=bot, **_columns(item)), _values(item))


def _write_variable(bot: Bot, row: Any, item: Item) -> Any:
    row = configuration.save(
        row or EnvironmentVar(bot=bot, **_columns(item)), {**_values(item), "value": item["value"] or UNSET}
    )
    if not item["value"]:
        row.value = ""
        row.save(update_fields=["value"])
    return row


def _write_handler(bot: Bot, row: Any, item: Item) -> Any:
    if row is None:
        row = configuration.create_handler(bot, _values(item), **_columns(item))
    else:
        _delete_parameters(row, item["request"])
        row = configuration.change_handler(row, _values(item))
    return _with_id(row, item)


def _delete_parameters(row: Any, request: Item | None) -> None:
    """Delete the parameters that a request has no more: changing a handler leaves those that are not named."""
    if row.request is None or request is None:
        return
    for name in ("url_parameters", "header_parameters"):
        getattr(row.request, name).exclude(key__in=[it["key"] for it in request[name]]).delete()


def _write_hook(bot: Bot, row: Any, item: Item) -> Any:
    if row is None:
        row = configuration.create_hook(bot, _values(item), **_columns(item))
    else:
        row = configuration.change_hook(row, _values(item))
    if "recipients" in item:
        _write_recipients(row, item["recipients"])
    return _with_id(row, item)


def _write_recipients(hook: Hook, items: list[Item]) -> None:
    rows = {(it.provider, *it.place): it for it in hook.recipients.all()}
    wanted = {(item["provider"], item["chat_id"], item["user_id"], item["topic"]) for item in items}
    for place in rows.keys() - wanted:  # first, so that a quota does not count who goes
        rows.pop(place).delete()
    for number, item in enumerate(items, 1):
        place = (item["provider"], item["chat_id"], item["user_id"], item["topic"])
        row = rows.get(place) or Recipient(hook=hook)
        with at(f"recipients, {number}"):
            configuration.save(row, item)


def _write_test(bot: Bot, row: Any, item: Item) -> Any:
    return configuration.save(row or ConversationTest(bot=bot, **_columns(item)), _values(item))


WRITERS: Mapping[str, Callable[[Bot, Any, Item], Any]] = {
    "states": _write_state,
    "variables": _write_variable,
    "handlers": _write_handler,
    "hooks": _write_hook,
    "tests": _write_test,
}


def _with_id(row: Any, item: Item) -> Any:
    """Remember by which id documents know a row, unless that is the row's own."""
    name = item.get("id", "")
    name = "" if name == str(row.pk) else name
    if row.document_id != name:
        type(row).objects.filter(pk=row.pk).update(document_id=name)
    return row
