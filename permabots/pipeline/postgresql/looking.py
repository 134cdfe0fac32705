"""Taking a conversation, reading what is to be done in it and counting that as begun: one statement.

It is what `Conversation.objects.take`, `permabots.pipeline.next_work` and the count of an attempt do one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import models

from permabots.database import alias
from permabots.models import Bot, ChatState, Contact, Conversation, InboundMessage, State
from permabots.models.registry import model_of, providers
from permabots.pipeline.postgresql.conversations import DUE, FREE, UNFINISHED
from permabots.pipeline.postgresql.execution import Converter, converter, fetch_row, quoted, statement
from permabots.pipeline.postgresql.targets import account_of_bot

# The UPDATE may reach the row later than the statement read it: PostgreSQL then looks at the newest version of the row
# while all else is as it was. `xmin` holds it to the version that was read: who worked there meanwhile changed it.
# (`ctid` is not asked again by servers older than November 2025.)
TAKE = f"""
seen AS MATERIALIZED (
    SELECT c.id, c.xmin, {DUE} AS due FROM permabots_conversation c WHERE c.id = %(id)s AND {FREE} AND {UNFINISHED}
), held AS (
    UPDATE permabots_conversation c
    SET lease_token = %(token)s, lease_expires_at = statement_timestamp() + %(lease)s
    FROM seen WHERE c.id = seen.id AND c.xmin = seen.xmin AND coalesce(seen.due <= statement_timestamp(), true)
    RETURNING c.id
), here AS (
    SELECT held.id, extract(epoch FROM seen.due - statement_timestamp())::float8 AS wait
    FROM seen LEFT JOIN held ON true
)"""

HOLD = """
held AS (SELECT id FROM permabots_conversation WHERE id = %(id)s AND lease_token = %(token)s),
here AS (SELECT id, NULL::float8 AS wait FROM held)"""

LOOK = """
WITH {hold}, sending AS (
    SELECT EXISTS (SELECT FROM permabots_outboundmessage
                   WHERE conversation_id = %(id)s AND status IN ('pending', 'started')) AS unfinished
), heads AS (
    SELECT id, bot_id, integration_id, attempts, provider_sequence FROM permabots_inboundmessage
    WHERE conversation_id = %(id)s AND status = 'pending' AND EXISTS (SELECT FROM held)
      AND NOT (SELECT unfinished FROM sending)
    ORDER BY provider_sequence, id LIMIT 2
), head AS (SELECT * FROM heads ORDER BY provider_sequence, id LIMIT 1), counted AS (
    UPDATE permabots_inboundmessage i SET attempts = i.attempts + 1
    FROM head, permabots_bot b, {account} a
    WHERE i.id = head.id AND i.conversation_id = %(id)s AND i.status = 'pending' AND head.attempts < %(attempts)s
      AND b.id = head.bot_id AND {account_of_bot} AND a.id = head.integration_id AND a.enabled
    RETURNING i.id
)
SELECT here.id IS NOT NULL, here.wait, EXISTS (SELECT FROM counted), (SELECT count(*) FROM heads) > 1,
       EXISTS (SELECT FROM permabots_apihealth h WHERE h.bot_id = b.id),
       CASE WHEN s.contexts_size <= %(few)s THEN s.contexts END, {columns}
FROM here LEFT JOIN head ON true LEFT JOIN permabots_inboundmessage i ON i.id = head.id
LEFT JOIN permabots_conversation c ON c.id = i.conversation_id
LEFT JOIN permabots_bot b ON b.id = c.bot_id LEFT JOIN {account} a ON {account_of_bot}
LEFT JOIN permabots_contact p ON p.id = c.contact_id
LEFT JOIN permabots_chatstate s ON s.conversation_id = c.id LEFT JOIN permabots_state t ON t.id = s.state_id"""

FLAGS = 6
"""The columns before those of tables: whether the conversation is held, else the seconds until it is due, whether the
message is counted, whether another waits behind it, whether an API of the bot failed lately, and the contexts where
they are few."""

BOT = ("id", "owner_id", "revision", "signs_requests", "fallback_text", "recent_worker_deaths", "last_worker_death_at")
"""The columns of a bot that its turns need."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one table in the result.

    Args:
        model: the table.
        names: the attributes of its rows that are read.
        columns: their columns.
        converters: by position, what makes the attribute's value of the column's.
    """

    model: type[models.Model]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    converters: tuple[tuple[int, Converter], ...]

    def row(self, values: Sequence[Any]) -> Any:
        """Return the row that the values are of, None where there is none."""
        if values[0] is None:
            return None
        read = list(values)
        for place, convert in self.converters:
            read[place] = convert(read[place])
        return self.model.from_db(alias(), self.names, read)


@dataclass(frozen=True, slots=True)
class Query:
    """The statement for one provider.

    Args:
        take: takes the conversation and looks.
        look: looks, for whoever holds the conversation.
        tables: those of the result, in order.
    """

    take: str
    look: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be done in a conversation that is held.

    Args:
        inbound: the message to answer, with all that this needs; None where an answer waits to be sent, or nothing.
        more: another message waits behind it.
    """

    inbound: InboundMessage | None
    more: bool


def take(pk: int, lease_token: UUID, seconds: float, slug: str, attempts: int, few: int) -> Found | float | None:
    """Take the lease of a conversation in which there is something to do, and look.

    Args:
        pk: the conversation.
        lease_token: the token of the new lease.
        seconds: how long the lease is valid.
        slug: the provider.
        attempts: a message that was begun so often is not counted as begun once more.
        few: the most characters of contexts that come with the message.

    Returns:
        Where nothing was taken, the seconds until it is due; 0.0 where somebody worked there at this moment. None where
        another worker has it, or there is nothing to do.
    """
    lease = timedelta(seconds=seconds)
    return _look(_query(slug).take, slug, id=pk, token=lease_token, lease=lease, attempts=attempts, few=few)


def look(pk: int, lease_token: UUID, slug: str, attempts: int, few: int) -> Found | None:
    """Look what is next in a conversation that is held; arguments as in `take`. None where the lease is lost."""
    found = _look(_query(slug).look, slug, id=pk, token=lease_token, attempts=attempts, few=few)
    return found if isinstance(found, Found) else None


def _look(sql: str, slug: str, **values: Any) -> Found | float | None:
    row = fetch_row(sql, values)
    if row is None:
        return None
    is_held, wait, counted, more, has_failing_api, few_contexts = row[:FLAGS]
    if not is_held:
        return max(wait or 0.0, 0.0)
    found, place = [], FLAGS
    for table in _query(slug).tables:
        found.append(table.row(row[place : place + len(table.names)]))
        place += len(table.names)
    message, conversation, bot, account, contact, chat_state, state = found
    if message is None:
        return Found(None, more=False)
    _join(conversation, bot, slug, account, contact)
    if chat_state is None:
        ChatState.conversation.field.remote_field.set_cached_value(conversation, None)
    else:
        chat_state.state, chat_state.conversation = state, conversation
    message.conversation = conversation
    message.is_counted, message.has_failing_api = counted, has_failing_api
    message.few_contexts = None if few_contexts is None else _json(few_contexts)
    return Found(message, more)


def _join(conversation: Conversation, bot: Bot, slug: str, account: Any, contact: Contact | None) -> None:
    """Have the rows of a result know each other, so that nobody asks the database for what was read with them."""
    conversation.bot, conversation.contact = bot, contact
    field: Any = Bot._meta.get_field(f"{slug}_bot")
    if account is not None:
        (field if field.concrete else field.remote_field).set_cached_value(*_ends(field, bot, account))
    field.set_cached_value(bot, account)


def _ends(field: Any, bot: Bot, account: Any) -> tuple[Any, Any]:
    return (bot, account) if field.concrete else (account, bot)


@lru_cache(maxsize=64)
def _query(slug: str) -> Query:
    account: Any = model_of(slug)
    field: Any = Bot._meta.get_field(f"{slug}_bot")
    needed = ("id", "enabled", "paused_until", *providers()[slug].credential_fields)
    tables = {
        "i": _table(InboundMessage, *(it.attname for it in InboundMessage._meta.concrete_fields if it.name != "trace")),
        "c": _table(Conversation, *(it.attname for it in Conversation._meta.concrete_fields)),
        "b": _table(Bot, *BOT, *([field.attname] if field.concrete else [])),
        "a": _table(account, *needed),
        "p": _table(Contact, "id", "external_id", "username", "first_name", "last_name"),
        "s": _table(ChatState, "id", "conversation_id", "state_id"),
        "t": _table(State, "id", "name"),
    }
    columns = ", ".join(f"{short}.{quoted(name)}" for short, table in tables.items() for name in table.columns)
    names = {"account": quoted(account._meta.db_table), "account_of_bot": account_of_bot(slug), "columns": columns}
    take, look = (statement(LOOK.format(hold=hold, **names)) for hold in (TAKE, HOLD))
    return Query(take, look, tuple(tables.values()))


def _table(model: type[models.Model], *names: str) -> Table:
    # In the order of the table's own fields, in which `from_db` takes them.
    fields = [field for field in model._meta.concrete_fields if field.attname in names]
    converters = ((place, it) for place, field in enumerate(fields) if (it := converter(field)) is not None)
    return Table(model, tuple(it.attname for it in fields), tuple(str(it.column) for it in fields), tuple(converters))


_json: Any = converter(models.JSONField())
