"""The history of a bot: each transaction that changes it makes a version, and any version that is kept can be restored.

A version is written when the transaction has ended, by the process that made the change: never by a worker that answers
a message. Where that process dies in between, the next version has both changes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from threading import local
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from permabots import origin, strict_json
from permabots.conf import get_config
from permabots.database import alias, atomic
from permabots.exceptions import SecretUnreadable
from permabots.models import Bot, BotVersion, IntegrationBot, Recipient
from permabots.origin import Origin
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.documents.apply import become
from permabots.pipeline.authoring.documents.changes import ORDER, Change, in_words
from permabots.pipeline.authoring.documents.format import SECTIONS, same
from permabots.pipeline.authoring.documents.snapshot import Item, bot_item, snapshot, without_secret

logger = logging.getLogger(__name__)
GONE = "There is no version {} of this bot any more."
_waiting = local()
"""The bots of this thread's transaction whose versions are not written yet, each with who changed it."""


def note(sender: Any, bots: Iterable[Any], kind: type[models.Model], using: str | None, **_: Any) -> None:
    """Receive the signal that something of bots was written: their versions follow when the transaction has ended."""
    if issubclass(kind, IntegrationBot | Recipient):
        return
    waiting: dict[Any, Origin] = _waiting.__dict__.setdefault("bots", {})
    waiting.update(dict.fromkeys(bots, origin.current()))

    def write_waiting() -> None:  # a name for the log, where it fails
        while waiting:
            write(*waiting.popitem())

    transaction.on_commit(write_waiting, using=using or alias(), robust=True)


def write(bot_id: Any, who: Origin) -> BotVersion | None:
    """Write a version of a bot, if it is another one than in its newest version.

    Args:
        bot_id: the bot's id.
        who: who changed it, and from where.
    """
    try:
        with atomic():
            configuration.lock(Bot(pk=bot_id))
            return _write(Bot.objects.get(pk=bot_id), who)
    except Bot.DoesNotExist:
        return None
    except SecretUnreadable:
        logger.exception("bot %s: no version of its change is kept", bot_id)
        return None


def _write(bot: Bot, who: Origin) -> BotVersion | None:
    rows = BotVersion.objects.filter(bot=bot)
    last = rows.order_by("-number").first()
    after = complete(bot)
    before = _document(last)
    changes = difference(before, after)
    if not changes:
        return None
    _forget_secrets(rows, changes)
    number = last.number + 1 if last else 1
    version: BotVersion = BotVersion.objects.create(
        bot=bot,
        number=number,
        revision=bot.revision,
        source=who.source,
        user=who.user[:200],
        credential=who.credential[:200],
        changes=_text(changes),
        document=json.dumps(after),
    )
    rows.filter(number=number - 1).update(document="")
    rows.filter(number__lte=number - get_config().versions).delete()
    return version


def _forget_secrets(rows: models.QuerySet[BotVersion], changes: list[Change]) -> None:
    """Take the values of variables that are called secret from now on out of these changes and of the versions before.

    Args:
        rows: the bot's versions.
        changes: of the version that is being written.
    """
    items = [it for change in changes if change.section == "variables" for it in (change.before, change.after)]
    keys = {item["key"] for item in items if item and item["secret"]}
    if not _without_values(changes, keys):
        return
    for version in rows.defer("document").iterator():
        try:
            told = [Change(**it) for it in _read(version.changes)]
        except SecretUnreadable:
            continue  # nobody reads it, whatever it holds
        if _without_values(told, keys):
            rows.filter(pk=version.pk).update(changes=_text(told))


def _without_values(changes: list[Change], keys: set[str]) -> bool:
    """Take the values of variables out of changes; return whether there were any."""
    found = False
    for change in changes:
        for item in (change.before, change.after) if change.section == "variables" else ():
            if item and item["key"] in keys and item.pop("value", None) is not None:
                found = True
    return found


def _text(changes: list[Change]) -> str:
    return json.dumps([{"section": it.section, "before": it.before, "after": it.after} for it in changes])


def _document(version: BotVersion | None) -> Item:
    """Return a bot as it was in the newest version; one without anything where there is none that can be decrypted."""
    nothing: Item = {"bot": {}, **{section: [] for section in SECTIONS}}
    if version is None:
        return nothing
    try:
        found: Item = _read(version.document)
    except SecretUnreadable:
        logger.exception("bot %s: its newest version cannot be decrypted, the next one begins anew", version.bot_id)
        return nothing
    return found


def complete(bot: Bot) -> Item:
    """Return a bot as versions keep it: with the ids of its rows and the keys of hooks, without secrets' values."""
    found: Item = {"bot": bot_item(bot)}
    for section, entries in snapshot(bot).items():
        found[section] = [{"row": str(it.row.pk), **without_secret(it.item)} for it in entries]
        if section == "hooks":
            for item, entry in zip(found[section], entries, strict=True):
                item["hook_key"] = entry.row.key
    return found


def difference(before: Item, after: Item) -> list[Change]:
    """Return what is different between two complete bots."""
    changes = [] if before["bot"] == after["bot"] else [Change("bot", before["bot"] or None, after["bot"])]
    for section in SECTIONS:
        old, new = ({item["row"]: item for item in one[section]} for one in (before, after))
        for row in {**old, **new}:
            if not same(old.get(row), new.get(row)):
                changes.append(Change(section, old.get(row), new.get(row)))
    orders = [[item["row"] for item in one["handlers"]] for one in (before, after)]
    if orders[0] != orders[1]:
        changes.append(Change(ORDER, *({"name": "handlers", ORDER: rows} for rows in orders)))
    return changes


def changes_of(version: BotVersion) -> list[Change]:
    """Return what a version changed, for a person: the order only where handlers that stay have changed places."""
    changes = [Change(**it) for it in _read(version.changes)]
    return [change for change in changes if change.section != ORDER or _is_moved(change)]


def words_of(version: BotVersion) -> list[str]:
    """Return what a version changed, line by line, for a person."""
    try:
        return list(in_words(changes_of(version))) or ["the order of the handlers"]
    except SecretUnreadable as error:
        return [str(error)]


def _is_moved(change: Change) -> bool:
    before, after = ((it or {}).get(ORDER, []) for it in (change.before, change.after))
    return [row for row in before if row in after] != [row for row in after if row in before]


def at(bot: Bot, number: int) -> Item:
    """Return a bot as it was in a version.

    Raises:
        LookupError: the version is not kept, or never was.
    """
    rows = BotVersion.objects.filter(bot=bot).order_by("-number")
    newest = rows.first()
    if newest is None or not rows.filter(number=number).exists():
        raise LookupError(GONE.format(number))
    document: Item = _read(newest.document)
    for version in rows.filter(number__gt=number).defer("document").iterator():
        _undo(document, [Change(**it) for it in _read(version.changes)])
    if not document["bot"]:  # a version since then begins anew: its key was lost
        raise LookupError(GONE.format(number))
    document["variables"] = [_with_todays_secrecy(bot, item) for item in document["variables"]]
    return document


def _with_todays_secrecy(bot: Bot, item: Item) -> Item:
    """Return a variable as it is restored: one whose value is not kept, or that is secret today, is secret."""
    if "value" in item and not bot.env_vars.filter(Q(pk=item["row"]) | Q(key=item["key"]), secret=True).exists():
        return item
    return {name: value for name, value in item.items() if name != "value"} | {"secret": True}


def _undo(document: Item, changes: list[Change]) -> None:
    for change in changes:
        if change.section == "bot":
            document["bot"] = change.before
        elif change.section in SECTIONS:
            items, row = document[change.section], (change.before or change.after or {})["row"]
            place = next((number for number, item in enumerate(items) if item["row"] == row), len(items))
            items[place : place + 1] = [change.before] if change.before else []  # handlers keep their order
    for change in changes:
        if change.section == ORDER and change.before:
            places = {row: place for place, row in enumerate(change.before[ORDER])}
            document["handlers"].sort(key=lambda item: places[item["row"]])


def restore(bot: Bot, number: int, *, dry_run: bool = False) -> list[Change]:
    """Make a bot what it was in a version, all of it or nothing. Secrets' values, accounts and recipients stay.

    A row that was deleted since comes back with its id, and a hook with its address.

    Args:
        bot: the bot.
        number: the version.
        dry_run: only say what would be changed.

    Returns:
        What was changed.

    Raises:
        LookupError: the version is not kept, or never was.
        SecretUnreadable: a version that is needed for it cannot be decrypted.
        django.core.exceptions.ValidationError: something of it cannot be used any more; the text says what.
        Bot.DoesNotExist: the bot was deleted.
    """
    with configuration.editing(bot):
        return become(bot, at(bot, number), dry_run=dry_run)


def _read(text: str) -> Any:
    return strict_json.loads(text)
