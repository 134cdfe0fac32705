"""An account that brings many messages: they are answered after others', and what is too much is brought again."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from cachetools import LRUCache

from permabots.broker import Order
from permabots.models import InboundMessage, MessengerBot
from permabots.views.hooks import account_rate
from tests.factories import make_account, make_bot, make_user
from tests.pipeline.test_webhook_batches import post_messages

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


class Clock:
    """The process's clock, which goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(account_rate, "monotonic", found)
    monkeypatch.setattr(account_rate, "_recent", LRUCache(10))  # SQLite gives the ids of users again
    return found


@pytest.fixture
def page(clock: Clock) -> MessengerBot:
    row: MessengerBot = make_account(make_bot(), "messenger")
    return row


def statuses(page: MessengerBot, numbers: range) -> list[int]:
    return [post_messages(page, f"m{number}").status_code for number in numbers]


def test_what_is_too_much_is_refused_with_a_time_and_taken_when_it_is_brought_again(
    page: MessengerBot, clock: Clock, settings: Any
) -> None:
    settings.PERMABOTS = {"WEBHOOK_RATE": 3}
    assert statuses(page, range(5)) == [200, 200, 200, 429, 429]
    refused = post_messages(page, "m3")
    assert (refused["Retry-After"], refused.json()) == (
        "1",
        {"detail": "At most 3 messages of one account a second (WEBHOOK_RATE)."},
    )
    clock.now += 1
    assert statuses(page, range(3, 5)) == [200, 200]
    assert sorted(InboundMessage.objects.values_list("external_id", flat=True)) == [f"m{n}" for n in range(5)]


def test_a_large_call_is_taken_whole_and_paid_for_afterwards(page: MessengerBot, clock: Clock, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_RATE": 3}
    assert post_messages(page, *"abcdefghi").status_code == 200
    assert InboundMessage.objects.count() == 9
    clock.now += 1.9
    assert post_messages(page, "j").status_code == 429
    clock.now += 0.2
    assert post_messages(page, "j").status_code == 200


def test_one_account_uses_up_nobody_elses_messages(page: MessengerBot, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_RATE": 2}
    other: MessengerBot = make_account(make_bot(), "messenger")
    assert statuses(page, range(3)) == [200, 200, 429]
    assert post_messages(other, "x").status_code == 200


def test_calls_without_proof_use_up_nothing(page: MessengerBot, settings: Any, client: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_RATE": 1}
    for _ in range(3):
        url, headers = f"/processing/messengerbot/{page.pk}/", {"X-Hub-Signature-256": "sha256=00"}
        assert client.post(url, "{}", "application/json", headers=headers).status_code == 403
    assert post_messages(page, "x").status_code == 200


def test_without_a_rate_any_number_is_taken(page: MessengerBot, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_RATE": 0}
    assert statuses(page, range(60)) == [200] * 60


def page_of(owner: Any) -> MessengerBot:
    row: MessengerBot = make_account(make_bot(owner=owner), "messenger")
    return row


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("read", ["at once", "by the ORM, and from the cache"])
def test_several_accounts_of_one_owner_are_not_answered_ahead_more_often_than_one(
    clock: Clock, settings: Any, request: pytest.FixtureRequest, read: str
) -> None:
    if read != "at once":
        request.getfixturevalue("by_orm")
    settings.PERMABOTS = {"WEBHOOK_RATE": 7}
    owner = make_user()
    one, another, strangers = page_of(owner), page_of(owner), page_of(make_user())
    orders = []
    for page, mids in ((one, "abcdef"), (another, "ghijkl"), (strangers, "mnopqrs")):
        with patch("permabots.broker.publish") as publish:
            assert post_messages(page, *mids).status_code == 200  # the account's own rate is not the owner's
        orders += [call.kwargs["order"] for call in publish.call_args_list]
    assert orders == [Order.FIRST, Order.BUSY, Order.FIRST]


@pytest.mark.django_db(transaction=True)
def test_a_flood_has_an_owners_other_bots_wait_no_longer_than_it_lasts(clock: Clock) -> None:
    owner = make_user()
    orders = []
    for mids in ([f"m{number}" for number in range(200)], ["a"], ["b"]):
        with patch("permabots.broker.publish") as publish:
            post_messages(page_of(owner), *mids)
        orders += [call.kwargs["order"] for call in publish.call_args_list]
        clock.now += 0.5 if len(mids) > 1 else 2
    assert orders == [Order.BUSY, Order.BUSY, Order.FIRST]
