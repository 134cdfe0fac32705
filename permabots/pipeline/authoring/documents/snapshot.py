"""What a bot's rows are as items of a document, and which row an item is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import prefetch_related_objects

from permabots.engine.definitions import state_key
from permabots.models import Bot
from permabots.pipeline.authoring.documents.format import FORMAT, SECTIONS, VERSION, canonical, compact

Item = dict[str, Any]
PRIVATE = ("row", "hook_key")
"""What only versions have in an item: the id of its row, and the address of a hook."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a bot, and the item that says all of it.

    Args:
        row: the row.
        item: with everything that a document may leave out; a secret's value, too.
    """

    row: Any
    item: Item

    @property
    def ids(self) -> set[str]:
        """What an item's ``id`` may be for this row: of the document that it came from, and its own."""
        return {str(self.row.pk), getattr(self.row, "document_id", "")} - {""}


Snapshot = dict[str, list[Entry]]
"""Section -> the bot's rows, in the order of a document."""


def bot_item(bot: Bot) -> Item:
    """Return what a document says of the bot itself."""
    return {"name": bot.name, "fallback_text": bot.fallback_text, "separate_topics": bot.separate_topics}


def snapshot(bot: Bot, *, recipients: bool = False) -> Snapshot:
    """Return a bot's rows, in a fixed number of queries. Databases sort texts differently, so it is done here.

    Args:
        bot: the bot.
        recipients: with the recipients of its hooks.
    """
    handlers = list(bot.handlers.in_order().select_related("request", "response", "target_state"))
    prefetch_related_objects(handlers, "source_states", "request__url_parameters", "request__header_parameters")
    hooks = list(bot.hooks.select_related("response"))
    if recipients:
        prefetch_related_objects(hooks, "recipients")
    found: Snapshot = {
        "states": [Entry(row, {"name": row.name}) for row in sorted(bot.states.all(), key=lambda it: it.key)],
        "variables": [Entry(row, _variable(row)) for row in sorted(bot.env_vars.all(), key=lambda it: it.key)],
        "handlers": [Entry(row, _handler(row)) for row in handlers],
        "hooks": [Entry(row, _hook(row, recipients=recipients)) for row in hooks],
        "tests": [Entry(row, _test(row)) for row in sorted(bot.conversation_tests.all(), key=lambda it: it.name)],
    }
    for section in ("handlers", "hooks"):
        _tell_apart(found[section])
    found["hooks"].sort(key=lambda entry: (entry.item["name"], entry.item.get("id", "")))
    return found


def export(bot: Bot, *, secrets: bool = False, recipients: bool = False) -> Item:
    """Return a bot as a document: everything that its author wrote, in a fixed order.

    The same configuration gives the same document, whenever and wherever it is exported.

    Args:
        bot: the bot.
        secrets: with the values of secret variables.
        recipients: with the recipients of its hooks, who are people.
    """
    rows = snapshot(bot, recipients=recipients)
    return document(bot_item(bot), {name: [it.item for it in rows[name]] for name in SECTIONS}, secrets=secrets)


def document(bot: Item, sections: dict[str, list[Item]], *, secrets: bool = False) -> Item:
    """Return items as a document without what may be left out.

    Args:
        bot: what is said of the bot itself.
        sections: the items by section.
        secrets: with the values of secret variables.
    """
    found: Item = {"format": FORMAT, "version": VERSION, "bot": compact("bot", bot)}
    for name in SECTIONS:
        items = [item if secrets else without_secret(item) for item in sections[name]]
        if items:
            found[name] = [compact(name, item) for item in items]
    return found


def without_secret(item: Item) -> Item:
    """Return an item without its value, if it is a secret variable."""
    return {name: value for name, value in item.items() if name != "value"} if item.get("secret") else item


def matched(section: str, entries: Sequence[Entry], items: Sequence[Item]) -> list[Entry | None]:
    """Return for each item the row that it is about, None for a new one.

    A row is found by its own id where the item has that; otherwise by the item's id, then by its name.
    """
    left = list(entries)
    found: list[Entry | None] = [None] * len(items)
    for fits in (
        lambda item, entry: item.get("row") == str(entry.row.pk),
        lambda item, entry: "row" not in item and item.get("id") in entry.ids,
        lambda item, entry: "row" not in item and _name(section, item) == _name(section, entry.item),
    ):
        for number, item in enumerate(items):
            if found[number] is None:
                found[number] = _take(left, partial(fits, item))
    return found


def _take(entries: list[Entry], fits: Any) -> Entry | None:
    for place, entry in enumerate(entries):
        if fits(entry):
            return entries.pop(place)
    return None


def _name(section: str, item: Item) -> str:
    name = str(item["key" if section == "variables" else "name"])
    return state_key(name) if section == "states" else name


def _tell_apart(entries: list[Entry]) -> None:
    """Give the items an id that have one from a document, and those whose name others have, too."""
    often = Counter(entry.item["name"] for entry in entries)
    for entry in entries:
        if entry.row.document_id or often[entry.item["name"]] > 1:
            item = dict(entry.item)
            entry.item.clear()
            entry.item.update({"id": entry.row.document_id or str(entry.row.pk), **item})


def _variable(row: Any) -> Item:
    return {"key": row.key, "value": row.value, "secret": row.secret}


def _response(row: Any) -> Item:
    return {"text_template": row.text_template, "keyboard_template": row.keyboard_template}


def _handler(row: Any) -> Item:
    return {
        "name": row.name,
        "pattern": row.pattern,
        "priority": row.priority,
        "enabled": row.enabled,
        "source_states": sorted(state.name for state in row.source_states.all()),
        "target_state": None if row.target_state is None else row.target_state.name,
        "request": None if row.request is None else _request(row.request),
        "response": _response(row.response),
    }


def _request(row: Any) -> Item:
    return {
        "method": row.method,
        "url_template": row.url_template,
        "data": canonical(row.data),
        "url_parameters": _parameters(row.url_parameters),
        "header_parameters": _parameters(row.header_parameters),
    }


def _parameters(rows: Any) -> list[Item]:
    return [{"key": it.key, "value_template": it.value_template} for it in sorted(rows.all(), key=lambda it: it.key)]


def _hook(row: Any, *, recipients: bool) -> Item:
    item = {
        "name": row.name,
        "enabled": row.enabled,
        "strict": row.strict,
        "recipients_template": row.recipients_template,
        "response": _response(row.response),
    }
    if recipients:
        people = sorted(row.recipients.all(), key=lambda it: (it.provider, *it.place))
        item["recipients"] = [_recipient(it) for it in people]
    return item


def _recipient(row: Any) -> Item:
    return {name: getattr(row, name) for name in ("provider", "chat_id", "user_id", "topic", "name")}


def _test(row: Any) -> Item:
    return {"name": row.name, "provider": row.provider, "state": row.state, "steps": canonical(row.steps)}
