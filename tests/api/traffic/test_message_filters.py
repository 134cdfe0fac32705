"""Which of a bot's messages are listed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from permabots.models import Bot, InboundMessage
from tests.api.traffic.client import ApiClient
from tests.api.traffic.test_messages import NOON, NOWHERE
from tests.ends import make_message
from tests.factories import (
    come,
    make_telegram,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def mixed(bot: Bot) -> dict[str, int]:
    """Messages that differ in all that can be filtered; their ids by a name."""
    elsewhere = make_telegram().bot
    rows = {
        "old": make_message(bot, "done"),
        "group": make_message(bot, "parked", chat=-5, user=7),
        "nowhere": come(bot, NOWHERE),
        "foreign": make_message(elsewhere, "done"),
    }
    for hours, row in enumerate(rows.values()):
        InboundMessage.objects.filter(pk=row.pk).update(received_at=NOON + timedelta(hours=hours))
    return {name: row.pk for name, row in rows.items()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"old", "group", "nowhere"}),
        ({"chat": "7"}, {"old"}),
        ({"chat": ""}, {"nowhere"}),
        ({"chat": "no such"}, set()),
        ({"user": "7"}, {"old", "group"}),
        ({"user": "7", "chat": "-5"}, {"group"}),
        ({"provider": "telegram"}, {"old", "group", "nowhere"}),
        ({"status": "parked"}, {"group"}),
        ({"since": "2030-01-01T13:00:00Z"}, {"group", "nowhere"}),
        ({"until": "2030-01-01T13:00:00Z"}, {"old"}),
        ({"since": "2030-01-01T13:00:00Z", "until": "2030-01-01T14:00:00Z"}, {"group"}),
        ({"since": "2030-01-01T15:00:00+02:00"}, {"group", "nowhere"}),
        ({"since": "2030-01-01T15:00:00 02:00"}, {"group", "nowhere"}),
        ({"since": "2030-01-01T15:00:00.5 02:00"}, {"nowhere"}),
        ({"since": "2030-01-01 13:00"}, {"group", "nowhere"}),
        ({"since": "2030-01-01"}, {"old", "group", "nowhere"}),
        ({"since": "2030-01-02"}, set()),
        ({"since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"}, {"old", "group", "nowhere"}),
    ],
)
def test_filters(api: ApiClient, mixed: dict[str, int], query: dict[str, str], names: set[str]) -> None:
    answer = api.get("messages/", **query)
    assert {row["id"] for row in answer.json()["results"]} == {mixed[name] for name in names}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "yesterday"),
        ("since", ""),
        ("since", "2030-13-01T00:00:00Z"),
        ("until", "0001-01-01T00:00:00+14:00"),
        ("until", "9999-12-31T23:59:59-14:00"),
        ("status", "unheard-of"),
        ("status", ""),
        ("provider", "icq"),
        ("chat", "a\0b"),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "many"),
        ("before", "nonsense"),
        ("before", "é"),
        ("before", ""),
        ("before", "LTE"),
        ("before", "OTIyMzM3MjAzNjg1NDc3NTgwOA"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(api: ApiClient, name: str, value: str) -> None:
    answer = api.get("messages/", **{name: value})
    assert (answer.status_code, list(answer.json())) == (400, [name])
