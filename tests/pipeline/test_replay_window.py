"""Events that are older than a window, by the time that the messenger signs, are ignored; by default none is."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from permabots.models import InboundMessage
from tests.factories import make_account, make_bot
from tests.pipeline.test_webhook_batches import event
from tests.pipeline.test_webhook_batches import post as post_to_page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

HOUR = 3600


def by_messenger(row: Any, *ages: float) -> Any:
    """Post one call with an event of each age, in seconds."""
    sent = [{**event(f"m{age}", row), "timestamp": int((time.time() - age) * 1000)} for age in ages]
    return post_to_page(row, [{"id": row.account, "time": 1, "messaging": sent}])


def by_kik(row: Any, *ages: float) -> Any:
    plain = {"type": "text", "from": "ann", "body": "hello", "chatId": "7", "participants": ["ann"]}
    sent = [{**plain, "id": f"m{age}", "timestamp": int((time.time() - age) * 1000)} for age in ages]
    body = json.dumps({"messages": sent})
    signature = hmac.new(str(row.api_key).encode(), body.encode(), "sha1").hexdigest().upper()
    headers = {"X-Kik-Signature": signature, "X-Kik-Username": str(row.username)}
    return Client().post(f"/processing/kikbot/{row.pk}/", body, "application/json", headers=headers)


BY = {"messenger": by_messenger, "kik": by_kik}
Post = Callable[..., Any]


def statuses() -> dict[str, tuple[str, str]]:
    return {row.external_id: (row.status, row.error) for row in InboundMessage.objects.all()}


@pytest.mark.parametrize(("slug", "post"), BY.items())
def test_an_event_that_is_too_old_is_stored_as_ignored_with_the_reason(settings: Any, slug: str, post: Post) -> None:
    row = make_account(make_bot(), slug)
    key = f"{slug.upper()}_REPLAY_WINDOW"
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), key: HOUR}
    assert post(row, 2 * HOUR, HOUR - 60, -60).status_code == 200
    too_old = ("ignored", f"it is older than {key} allows")
    assert statuses() == {f"m{2 * HOUR}": too_old, f"m{HOUR - 60}": ("pending", ""), "m-60": ("pending", "")}
    assert InboundMessage.objects.get(status="ignored").raw
    assert post(row, 2 * HOUR).status_code == 200
    assert len(statuses()) == 3


@pytest.mark.parametrize(("slug", "post"), BY.items())
def test_without_a_window_what_comes_after_an_outage_is_taken(slug: str, post: Post) -> None:
    row = make_account(make_bot(), slug)
    assert post(row, 80 * 24 * HOUR).status_code == 200
    assert set(statuses().values()) == {("pending", "")}


@pytest.mark.parametrize(("slug", "post"), BY.items())
def test_an_event_that_was_taken_in_time_stays_so_when_it_comes_again(settings: Any, slug: str, post: Post) -> None:
    row = make_account(make_bot(), slug)
    post(row, 2 * HOUR)
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), f"{slug.upper()}_REPLAY_WINDOW": HOUR}
    assert post(row, 2 * HOUR).status_code == 200
    assert set(statuses().values()) == {("pending", "")}
