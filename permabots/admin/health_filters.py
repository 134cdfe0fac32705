"""Filters and columns for operators: which bots are in trouble, which conversations wait, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import DateTimeField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least
from django.http import HttpRequest
from django.utils import timezone

from permabots.admin import bot_page
from permabots.admin.formatting import number_of
from permabots.models import Conversation, InboundMessage, IntegrationBot, OutboundMessage
from permabots.models.chat import chat_due
from permabots.models.registry import providers


class _YesFilter(SimpleListFilter):
    """A filter of one choice: the rows that fulfil its condition, or all rows."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.condition()) if self.value() == "yes" else queryset

    def condition(self) -> Q:
        """Return the condition of the rows that "yes" shows."""
        raise NotImplementedError


# Conversations


def waits_until() -> Combinable:
    """Return, for a query of conversations, before when nothing happens in each; NULL where nothing was put off.

    SQLite's greatest of a value and NULL is NULL, so each stands in for the other.
    """
    own, chat = F("not_before"), chat_due()
    return Greatest(Coalesce(own, chat), Coalesce(chat, own), output_field=DateTimeField())


def waits_since() -> Least:
    """Return, for a query of conversations, since when each has something unfinished; NULL where it has not."""
    came = _oldest(InboundMessage.objects.unfinished(), "received_at")
    said = _oldest(OutboundMessage.objects.unfinished(), "created_at")
    return Least(Coalesce(came, said), Coalesce(said, came))  # LEAST of a NULL is NULL on some databases


def _oldest(rows: QuerySet[Any], column: str) -> Subquery:
    mine = rows.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    return Subquery(mine.annotate(oldest=Min(column)).values("oldest"))


class WaitingFilter(_YesFilter):
    """Conversations with something unfinished."""

    title = "waiting"
    parameter_name = "waiting"

    def condition(self) -> Q:
        unfinished = (InboundMessage.objects.unfinished(), OutboundMessage.objects.unfinished())
        came, said = (Exists(rows.filter(conversation=OuterRef("pk"))) for rows in unfinished)
        return Q(came) | Q(said)


# Bots


FAILED_DAYS = 7
"""For how many days a failed turn counts. Messages and calls that were given up count until they are retried."""


def _lately() -> datetime:
    return timezone.now() - timedelta(days=FAILED_DAYS)


def failures() -> dict[str, Any]:
    """Return, for a query of bots, how many turns of each failed, and how many messages and calls were given up."""
    messages, calls = InboundMessage.Status, OutboundMessage.Status.PARKED
    return {
        "failed_turns": number_of(InboundMessage, "bot", status=messages.FAILED, received_at__gte=_lately()),
        "failed_messages": number_of(InboundMessage, "bot", status=messages.PARKED),
        "failed_calls": number_of(OutboundMessage, "conversation__bot", status=calls),
    }


def troubles(bot: Any) -> Iterator[str]:
    """Yield the problems of a bot, in words; the bot comes from a query with `failures`."""
    for account in bot_page.accounts(bot):
        if account.row is not None and account.problem:
            yield f"{account.provider}: {account.status.partition(':')[0]}"
        if account.row is not None and account.row.last_error:
            yield f"{account.provider}: {account.row.last_error}"
    if bot.failed_turns:
        yield f"answers that failed in the last {FAILED_DAYS} days: {bot.failed_turns}"
    if bot.failed_messages:
        yield f"messages given up: {bot.failed_messages}"
    if bot.failed_calls:
        yield f"calls given up: {bot.failed_calls}"


class TroubleFilter(_YesFilter):
    """Bots that need attention: an account in trouble or disabled, or a turn, message or call that failed."""

    title = "trouble"
    parameter_name = "trouble"

    def condition(self) -> Q:
        messages = InboundMessage.objects.filter(bot=OuterRef("pk"))
        parked = messages.filter(status=InboundMessage.Status.PARKED)
        failed = messages.filter(status=InboundMessage.Status.FAILED, received_at__gte=_lately())
        calls = Conversation.objects.filter(bot=OuterRef("pk"), outbound__status=OutboundMessage.Status.PARKED)
        trouble = Q(Exists(parked)) | Q(Exists(failed)) | Q(Exists(calls))
        for slug in providers():
            row = f"{slug}_bot"
            trouble |= Q(**{f"{row}__enabled": False}) | Q(**{f"{row}__last_error__gt": ""})
            trouble |= Q(**{f"{row}__isnull": False}) & ~Q(**{f"{row}__status": IntegrationBot.Status.CONNECTED})
        return trouble
