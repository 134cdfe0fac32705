"""Large webhook calls: so many new events of each are stored, and the repetitions store the rest, in order and once."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from permabots.models import InboundMessage, MessengerBot
from permabots.pipeline.authoring.integrations import attach
from permabots.providers.messenger.provider import Messenger
from tests.factories import at_large, credentials_of, make_account, make_bot, others_at_large

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NEW, MOST = 3, 10


@pytest.fixture
def limits(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches with few events, and a provider that documents one event for a call."""
    settings.PERMABOTS = {"WEBHOOK_NEW_EVENTS": NEW, "WEBHOOK_MAX_EVENTS": MOST}
    monkeypatch.setattr(Messenger, "events_per_call", 1)


@pytest.fixture
def page() -> MessengerBot:
    row: MessengerBot = make_account(make_bot(), "messenger")
    return row


def event(mid: str, page: MessengerBot, moment: int = 0) -> dict[str, Any]:
    message = {"mid": mid, "text": mid}
    return {
        "sender": {"id": "7"},
        "recipient": {"id": page.account},
        "timestamp": 1_700_000_000_000 + moment,
        "message": message,
    }


def post(page: MessengerBot, entries: Sequence[dict[str, Any]]) -> Any:
    """Post as Facebook does, signed with the app's secret."""
    body = json.dumps({"object": "page", "entry": entries})
    signature = "sha256=" + hmac.new(str(page.app_secret).encode(), body.encode(), "sha256").hexdigest()
    url, headers = f"/processing/messengerbot/{page.pk}/", {"X-Hub-Signature-256": signature}
    return Client().post(url, body, "application/json", headers=headers)


def post_messages(page: MessengerBot, *mids: str) -> Any:
    events = [event(mid, page, moment) for moment, mid in enumerate(mids)]
    return post(page, [{"id": page.account, "time": 1, "messaging": events}])


def stored() -> list[str]:
    return list(InboundMessage.objects.order_by("id").values_list("external_id", flat=True))


@pytest.mark.usefixtures("limits")
def test_a_call_with_many_events_is_repeated_until_all_are_stored_once_and_in_order(page: MessengerBot) -> None:
    mids = [f"m{number}" for number in range(8)]
    answers = [post_messages(page, *mids) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 503, 200, 200]
    assert answers[0]["Retry-After"] == "5"
    assert stored() == mids
    assert set(InboundMessage.objects.values_list("conversation__chat_id", flat=True)) == {"7"}


@pytest.mark.usefixtures("limits")
def test_each_repetition_stores_as_many_new_events_as_one_call_may(page: MessengerBot) -> None:
    mids = [f"m{number}" for number in range(8)]
    for expected in (mids[:NEW], mids[: 2 * NEW], mids):
        post_messages(page, *mids)
        assert stored() == expected


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("mid", ["m" * 190, "m" * 300, "nul\x00", "half\ud83d"])
def test_ids_that_are_stored_in_another_form_end_a_repetition_too(page: MessengerBot, mid: str) -> None:
    mids = [f"{mid}{number}" for number in range(5)]
    assert [post_messages(page, *mids).status_code for _ in range(2)] == [503, 200]
    assert len(stored()) == 5


@pytest.mark.usefixtures("limits")
def test_the_same_event_many_times_in_one_call_is_one_new_event(page: MessengerBot) -> None:
    assert post_messages(page, *["m1"] * 6, "m2").status_code == 200
    assert stored() == ["m1", "m2"]


@pytest.mark.usefixtures("limits")
def test_events_that_two_pages_call_alike_are_stored_for_both(page: MessengerBot) -> None:
    with at_large(others_at_large()):
        secret = {**credentials_of("messenger"), "app_secret": str(page.app_secret)}
        other: Any = attach(make_bot(), "messenger", secret)
    post_messages(page, "m0", "m1")
    pages = [(row, [event(f"m{number}", row, number) for number in range(4)]) for row in (page, other)]
    entries = [{"id": row.account, "time": 1, "messaging": events} for row, events in pages]
    assert [post(page, entries).status_code for _ in range(2)] == [503, 200]
    rows = InboundMessage.objects.values_list("integration_id", "external_id")
    assert sorted(rows) == sorted((row.pk, f"m{number}") for row in (page, other) for number in range(4))


@pytest.mark.usefixtures("limits")
def test_a_call_with_more_events_than_any_may_have_is_refused_with_words(page: MessengerBot) -> None:
    answer = post_messages(page, *(f"m{number}" for number in range(MOST + 1)))
    assert (answer.status_code, answer.json()) == (413, {"detail": "One call may have 10 events, and this one has 11."})
    assert not stored()


def test_a_call_within_what_its_provider_documents_is_stored_whole(page: MessengerBot, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_NEW_EVENTS": NEW, "WEBHOOK_MAX_EVENTS": MOST}
    mids = [f"m{number}" for number in range(MOST + 2)]
    assert post_messages(page, *mids).status_code == 200
    assert stored() == mids


@pytest.mark.usefixtures("limits")
def test_what_is_stored_of_a_large_call_costs_its_repetition_one_statement(page: MessengerBot) -> None:
    mids = [f"m{number}" for number in range(8)]
    for _ in range(3):
        post_messages(page, *mids)
    with CaptureQueriesContext(connection) as queries:
        assert post_messages(page, *mids).status_code == 200
    assert sum("permabots_inboundmessage" in query["sql"] for query in queries) == 1
