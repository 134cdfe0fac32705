"""The query parameters of lists of traffic: filters and cursors."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from rest_framework import ISO_8601, serializers

from permabots.models import InboundMessage, OutboundMessage
from permabots.serializers.base import ProviderField

_LARGEST_ID = 2**63 - 1
_LOST_PLUS = re.compile(r"(?<=:\d\d)((?:\.\d+)?) (?=\d\d:?\d\d$)")
"""Matches the blank that a plus sign of an offset becomes if a URL does not encode it."""


class CursorField(serializers.Field):
    """The cursor of a page: the id of the previous page's last row, in an opaque form."""

    default_error_messages = {"invalid": "This is not the cursor of a page."}

    def to_internal_value(self, data: Any) -> int:
        try:
            number = int(urlsafe_b64decode(str(data).encode() + b"=="))
        except ValueError:
            self.fail("invalid")
        if not 0 <= number <= _LARGEST_ID:
            self.fail("invalid")
        return number


def cursor(number: int) -> str:
    """Return the cursor of a page that begins after a row.

    Args:
        number: the row's id.
    """
    return urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


class DateTimeParameter(serializers.DateTimeField):
    """A date and time in a URL; without an offset it is in the project's time zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=[ISO_8601], **options)

    def to_internal_value(self, value: Any) -> Any:
        return super().to_internal_value(_LOST_PLUS.sub(r"\1+", value) if isinstance(value, str) else value)


def unknown_parameters(names: Iterable[str], allowed: Collection[str]) -> dict[str, list[str]]:
    """Return an error for each unknown query parameter."""
    return {name: ["There is no such filter."] for name in names if name not in allowed}


class Filters(serializers.Serializer):
    """Filters of a list. An unknown filter is refused: a misspelt one would have no effect.

    Attributes:
        LOOKUPS: Django's look-up for each filter that a subclass adds.
    """

    LOOKUPS: ClassVar[Mapping[str, str]] = {}

    def conditions(self) -> dict[str, Any]:
        """Return the filters of the request as look-ups."""
        asked = self.validated_data
        return {lookup: asked[name] for name, lookup in self.LOOKUPS.items() if name in asked}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        problems = unknown_parameters(self.initial_data, self.fields)
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class PageQuery(Filters):
    """A page of a list: ``limit`` rows (1 to 100) before the cursor ``before``."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)
    before = CursorField(default=None)


class MessageFilters(Filters):
    """Filters of messages: chat, person, topic, provider, status; received at or after ``since``, before ``until``."""

    LOOKUPS = {
        "chat": "conversation__chat_id",
        "user": "conversation__user_id",
        "topic": "conversation__topic",
        "provider": "provider",
        "status": "status",
        "since": "received_at__gte",
        "until": "received_at__lt",
    }

    chat = serializers.CharField(required=False, allow_blank=True)
    user = serializers.CharField(required=False, allow_blank=True)
    topic = serializers.CharField(required=False, allow_blank=True)
    provider = ProviderField(required=False)
    status = serializers.ChoiceField(choices=InboundMessage.Status.choices, required=False)
    since = DateTimeParameter(required=False)
    until = DateTimeParameter(required=False)


class MessageQuery(MessageFilters, PageQuery):
    """Filters and page of messages."""


class RetryQuery(MessageFilters):
    """Filters of the messages that are retried."""


class DeliveredQuery(PageQuery):
    """Page of a notification's calls, and a filter by status."""

    LOOKUPS = {"status": "status"}

    status = serializers.ChoiceField(choices=OutboundMessage.Status.choices, required=False)
