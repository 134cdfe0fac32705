"""Which of a hook's recipients are told, and what templates know of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from permabots.engine.templates.literals import read_literal
from permabots.exceptions import RecipientsUnknown
from permabots.models import Hook, Recipient
from permabots.models.registry import providers
from permabots.values import Json


def split_names(text: str) -> list[str]:
    """Return the names in a text: commas or line breaks between them, or a list in JSON or as templates write it."""
    try:
        listed = read_literal(text.strip()) if text.lstrip().startswith("[") else None
    except (TypeError, ValueError):
        listed = None
    if isinstance(listed, list) and all(isinstance(name, str | int) for name in listed):
        return [str(name).strip() for name in listed]
    return [name for piece in text.replace("\n", ",").split(",") if (name := piece.strip())]


def find_recipients(hook: Hook, names: Iterable[str]) -> list[Recipient]:
    """Return the recipients that names stand for, each once.

    A name is a recipient's id, ``<provider>:<chat id>``, a chat id, or what the recipient is called: then all that are
    called so. A chat's id stands for all of its recipients, whatever their topic; with ``/<topic>`` behind it, for the
    one of that topic.

    Args:
        hook: whose recipients.
        names: each stands for one recipient at least.

    Raises:
        RecipientsUnknown: one stands for nobody, or may stand for different people.
    """
    wanted = list(dict.fromkeys(names))
    by_name = _by_name(_candidates(hook, wanted))
    found: dict[UUID, Recipient] = {}
    problems = []
    for name in wanted:
        meanings = list(by_name.get(_spelt(name), {}).values())
        if not meanings:
            problems.append(f"{name!r} is no recipient of this hook.")
        elif any(meaning != meanings[0] for meaning in meanings):
            others = sorted({f"{row.provider}:{_places(row)[-1]}" for meaning in meanings for row in meaning})
            problems.append(f"{name!r} may stand for different recipients: {', '.join(others)}.")
        else:
            found |= {row.pk: row for row in meanings[0]}
    if problems:
        raise RecipientsUnknown(tuple(problems))
    return list(found.values())


def template_values(row: Recipient) -> dict[str, Json]:
    """Return what templates see as ``recipient``."""
    provider = providers().get(row.provider)
    number = bool(provider and provider.integer_ids) and row.chat_id.removeprefix("-").isdecimal()
    return {
        "id": str(row.pk),
        "name": row.name,
        "service": row.provider,
        "chat_id": int(row.chat_id) if number else row.chat_id,
        "username": row.user_id,
        "topic": row.topic,
    }


def _candidates(hook: Hook, names: Sequence[str]) -> list[Recipient]:
    chats = [*names, *(name.partition(":")[2] for name in names)]
    chats += [name.rpartition("/")[0] for name in chats]
    ids = [pk for name in names if (pk := _uuid(name)) is not None]
    return list(Recipient.objects.filter(Q(pk__in=ids) | Q(name__in=names) | Q(chat_id__in=chats), hook=hook))


def _by_name(rows: Iterable[Recipient]) -> dict[str, dict[str, list[Recipient]]]:
    """Return the recipients that each name may mean, by what the name would be then; the same chat id at two providers
    is two recipients."""
    found: dict[str, dict[str, list[Recipient]]] = {}
    for row in rows:
        names = [(str(row.pk), "id"), (row.name, "name")]
        for place in _places(row):
            names += [(f"{row.provider}:{place}", "place"), (place, row.provider)]
        for name, meaning in names:
            found.setdefault(name, {}).setdefault(meaning, []).append(row)
    return found


def _spelt(name: str) -> str:
    """Return a name as it is looked up: an id may be written in several ways."""
    return str(_uuid(name) or name)


def _places(row: Recipient) -> list[str]:
    """Return the names of a recipient's place: its chat, and its topic where there is one."""
    return [row.chat_id, *([f"{row.chat_id}/{row.topic}"] if row.topic else [])]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
