"""Making a bot what a document says: all of it or nothing, and rows that are there already stay the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from permabots.conf import get_config
from permabots.database import alias, atomic
from permabots.models import Bot, Handler
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.bots import save_bot
from permabots.pipeline.authoring.documents.changes import ORDER, Change
from permabots.pipeline.authoring.documents.format import SECTIONS, UNIQUE, check, same
from permabots.pipeline.authoring.documents.snapshot import (
    PRIVATE,
    Entry,
    Item,
    Snapshot,
    bot_item,
    matched,
    snapshot,
)
from permabots.pipeline.authoring.documents.writing import WRITERS, at
from permabots.values import Json

_ORDER = ("bot", *SECTIONS, "order")
Pairs = dict[str, list[tuple[Entry | None, Item]]]
"""Section -> the items of a document, each with the row that it is about, None for a new one."""


def create(document: Json, owner: Any) -> Bot:
    """Make a bot of a document: all of it or nothing.

    A secret variable is made empty where the document leaves its value out.

    Args:
        document: see `permabots.pipeline.authoring.documents.format`.
        owner: the user whom the bot belongs to.

    Raises:
        django.core.exceptions.ValidationError: the document cannot be read, or something in it cannot be used; the
            text says where.
    """
    wanted = check(document)
    with atomic():
        with at("bot"):
            bot = Bot(owner=owner, **wanted["bot"])
            bot.full_clean()
            save_bot(bot)
        _write(bot, wanted)
    return bot


def apply(bot: Bot, document: Json) -> list[Change]:
    """Make a bot what a document says: what it does not have is deleted. All of it or nothing.

    Secret variables whose values the document leaves out keep theirs, and hooks keep their recipients where the
    document has none; keys of hooks, accounts and what chats remember stay as they are.

    Args:
        bot: the bot.
        document: see `permabots.pipeline.authoring.documents.format`.

    Returns:
        What was changed.

    Raises:
        django.core.exceptions.ValidationError: the document cannot be read, or something in it cannot be used; the
            text says where.
        Bot.DoesNotExist: the bot was deleted.
    """
    return become(bot, check(document))


def become(bot: Bot, wanted: Item, *, dry_run: bool = False) -> list[Change]:
    """Make a bot what a complete document says, as `apply` does.

    Args:
        bot: the bot.
        wanted: as `check` returns it. An item may have the id of its row as ``row``, and a hook its
            ``hook_key``: a row that was deleted comes back with them.
        dry_run: take it back.

    Returns:
        What was changed.

    Raises:
        django.core.exceptions.ValidationError: something cannot be used; the text says where.
        Bot.DoesNotExist: the bot was deleted.
    """
    with configuration.editing(bot):
        changes = _write(Bot.objects.get(pk=bot.pk), wanted)
        if dry_run:
            transaction.set_rollback(True, using=alias())
        else:
            bot.refresh_from_db()
    return changes


def plan(bot: Bot, document: Json) -> list[Change]:
    """Return what `apply` would change, and change nothing: it is done, and taken back.

    Raises:
        django.core.exceptions.ValidationError: as `apply`.
        Bot.DoesNotExist: as `apply`.
    """
    return become(bot, check(document), dry_run=True)


def _write(bot: Bot, wanted: Item) -> list[Change]:
    _refuse_too_many(bot, wanted)
    current = snapshot(bot, recipients=any("recipients" in hook for hook in wanted["hooks"]))
    pairs = _paired(current, wanted)
    changes = _write_bot(bot, wanted["bot"])
    for section in reversed(SECTIONS):  # first, so that a quota does not count what goes
        kept = {entry.row.pk for entry, _ in pairs[section] if entry is not None}
        for entry in current[section]:
            if entry.row.pk not in kept:
                changes.append(Change(section, entry.item, None))
                entry.row.delete()
    _free_names(pairs)
    for section in SECTIONS:
        rows = [_write_item(bot, section, number, *pair, changes) for number, pair in enumerate(pairs[section], 1)]
        if section == "handlers":
            changes += _arrange(bot, rows, wanted[section])
    return sorted(changes, key=lambda change: _ORDER.index(change.section))


def _free_names(pairs: Pairs) -> None:
    """Give rows whose name is to become another one a name that nothing has: two may have changed places."""
    for section, field in UNIQUE.items():
        for entry, item in pairs[section]:
            if entry is not None and entry.item[field] != item[field]:
                type(entry.row).objects.filter(pk=entry.row.pk).update(**{field: uuid4().hex})
                entry.row.refresh_from_db()


def _refuse_too_many(bot: Bot, wanted: Item) -> None:
    """Refuse a document with more than the bot may have, before anything of it is written.

    Raises:
        django.core.exceptions.ValidationError: names the list.
    """
    parents = {"states": bot.states, "variables": bot.env_vars, "handlers": bot.handlers, "hooks": bot.hooks}
    for section, rows in {**parents, "tests": bot.conversation_tests}.items():
        most = get_config().quotas.get(section)
        if most is not None and len(wanted[section]) > max(most, rows.count()):
            words = f"{section}: the document has {len(wanted[section]):,}, and a bot may have {most:,} (QUOTAS)."
            raise ValidationError(words, code="quota")


def _write_item(bot: Bot, section: str, number: int, entry: Entry | None, item: Item, changes: list[Change]) -> Any:
    """Write an item where it is new or different, and return its row."""
    row, before = (None, None) if entry is None else (entry.row, entry.item)
    after = {name: value for name, value in item.items() if name not in PRIVATE}
    if before is not None and same(before, after):
        return row
    changes.append(Change(section, before, after))
    with at(f"{section}, {number}"):
        return WRITERS[section](bot, row, item)


def _paired(current: Snapshot, wanted: Item) -> Pairs:
    """Return the document's items with their rows; what an item leaves to its row is taken from there."""
    pairs: Pairs = {}
    for section in SECTIONS:
        entries = matched(section, current[section], wanted[section])
        pairs[section] = [
            (entry, _with_kept(section, entry, item)) for entry, item in zip(entries, wanted[section], strict=True)
        ]
    return pairs


def _with_kept(section: str, entry: Entry | None, item: Item) -> Item:
    kept: Item = {}
    if section == "variables" and "value" not in item:
        kept = {"value": "" if entry is None else entry.item["value"]}
    if entry is not None and section == "hooks" and "recipients" not in item and "recipients" in entry.item:
        kept = {"recipients": entry.item["recipients"]}
    if entry is not None and "id" not in entry.item and item.get("id") == str(entry.row.pk):
        item = {name: value for name, value in item.items() if name != "id"}  # it says no more than the row does
    return {**item, **kept}


def _write_bot(bot: Bot, item: Item) -> list[Change]:
    if (before := bot_item(bot)) == item:
        return []
    with at("bot"):
        for name, value in item.items():
            setattr(bot, name, value)
        bot.full_clean()
        bot.save(update_fields=[*item, "updated_at"])
    return [Change("bot", before, item)]


def _arrange(bot: Bot, rows: list[Any], items: list[Item]) -> Iterator[Change]:
    """Have handlers of one priority tried in the order of the document. What decides about it is their dates.

    Args:
        bot: the bot.
        rows: its handlers, in the order of the document.
        items: the items of them.
    """
    present = [row.pk for row in bot.handlers.in_order()]
    labels = {row.pk: item.get("id", item["name"]) for row, item in zip(rows, items, strict=True)}
    wanted = [row.pk for row in sorted(rows, key=lambda row: -row.priority)]
    if present == wanted:
        return
    date = datetime.min.replace(tzinfo=UTC)
    dates = sorted(Handler.objects.filter(pk__in=wanted).values_list("created_at", flat=True))
    for row, own in zip(rows, dates, strict=True):
        date = max(own, date + timedelta(microseconds=1))
        Handler.objects.filter(pk=row.pk).update(created_at=date)
    yield Change("order", *({"name": "handlers", ORDER: [labels[pk] for pk in pks]} for pks in (present, wanted)))
