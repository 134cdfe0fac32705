"""What became of a hook's notifications, for each recipient."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, Hook, Notification, OutboundMessage, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import TelegramServer
from permabots.views.api.traffic import deliveries as delivery_views
from tests.api.traffic.client import ApiClient
from tests.ends import make_delivery
from tests.factories import make_bot, make_conversation
from tests.pipeline.notifying import deliver, post
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def make_hook(bot: Bot, chats: int = 0) -> Hook:
    hook = create_hook(bot, {"name": "ready", "response": {"text_template": "{{ data.name }}"}})
    for chat in range(chats):
        Recipient.objects.create(hook=hook, provider="telegram", chat_id=str(101 + chat), name=f"r{101 + chat}")
    return hook


@pytest.fixture
def hook(bot: Bot) -> Hook:
    return make_hook(bot)


def deliveries(api: ApiClient, hook: Hook, **query: Any) -> Any:
    return api.get(f"hooks/{hook.pk}/deliveries/", **query).json()


def test_each_recipients_delivery_is_told(telegram: TelegramServer) -> None:
    bot = make_bot()
    attach(bot)
    hook = make_hook(Bot.objects.get(pk=bot.pk), 2)
    Recipient.objects.filter(chat_id="102").update(chat_id="403403")
    post(hook, {"name": "Order 5"}, **{"Idempotency-Key": "k1"})
    deliver()
    page = deliveries(ApiClient(bot), hook)
    (shown,) = page["results"]
    calls = [(call["name"], call["chat"], call["status"], call["attempts"]) for call in shown["outbound"]]
    assert calls == [("r102", "403403", "parked", 1), ("r101", "101", "sent", 1)]
    assert shown["outbound"][0]["error"].startswith("RecipientGone")
    assert shown["outbound"][1]["payload"]["body"]["text"] == "Order 5"
    assert shown["outbound"][1]["recipient"] == str(hook.recipients.get(chat_id="101").pk)
    assert shown["counts"] == {"parked": 1, "sent": 1}
    plain = [shown[name] for name in ("status", "recipients", "data", "idempotency_key", "error")]
    assert plain == ["done", 2, {"name": "Order 5"}, "k1", ""]
    assert shown["trace"]["texts"] == ["Order 5"]
    assert page["next"] is None


def test_a_deleted_recipient_is_told_by_its_chat(api: ApiClient, hook: Hook) -> None:
    told = make_delivery(hook, "sent")
    talk = told.outbound.get().conversation
    hook.recipients.all().delete()
    (call,) = deliveries(api, hook)["results"][0]["outbound"]
    assert (call["recipient"], call["name"], call["provider"]) == (None, "", "telegram")
    assert call["chat"] == talk.chat_id


def test_pages_follow_each_other_newest_first(api: ApiClient, hook: Hook) -> None:
    rows = [make_delivery(hook) for _ in range(3)]
    first = deliveries(api, hook, limit=2)
    second = api.follow(first["next"])
    assert [row["id"] for row in first["results"] + second["results"]] == [row.pk for row in reversed(rows)]
    assert second["next"] is None


def test_a_large_delivery_shows_its_failures_and_how_many_more_there_are(
    api: ApiClient, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_views, "FIRST", 5)
    make_delivery(hook, *["sent"] * 5, "parked", "skipped")
    (shown,) = deliveries(api, hook)["results"]
    assert [call["status"] for call in shown["outbound"]] == ["parked", "skipped", *["sent"] * 3]
    assert shown["counts"] == {"parked": 1, "sent": 5, "skipped": 1}


def test_all_calls_of_a_delivery_can_be_paged_and_filtered(api: ApiClient, hook: Hook) -> None:
    row = make_delivery(hook, "sent", "parked", "sent", "pending")
    make_delivery(hook, "sent")
    path = f"hooks/{hook.pk}/deliveries/{row.pk}/outbound/"
    first = api.get(path, limit=3).json()
    second = api.follow(first["next"])
    assert [call["status"] for call in first["results"]] == ["pending", "sent", "parked"]
    assert ([call["status"] for call in second["results"]], second["next"]) == (["sent"], None)
    assert len(api.get(path, status="sent").json()["results"]) == 2
    assert list(api.get(path, status="gone").json()) == ["status"]


def test_only_this_hooks_notifications_are_shown(api: ApiClient, bot: Bot, hook: Hook) -> None:
    other = make_delivery(make_hook(bot), "sent")
    assert deliveries(api, hook)["results"] == []
    assert api.get(f"hooks/{hook.pk}/deliveries/{other.pk}/outbound/").status_code == 404


@pytest.mark.parametrize("path", ["?limit=100", "{}/outbound/?limit=100"])
def test_the_number_of_queries_does_not_grow_with_the_rows(api: ApiClient, hook: Hook, path: str) -> None:
    counts = []
    for number in range(4):
        row = make_delivery(hook, "sent", "parked")
        if number in (0, 3):
            counts.append(queries(api, f"hooks/{hook.pk}/deliveries/" + path.format(row.pk)))
    make_more(row)
    counts.append(queries(api, f"hooks/{hook.pk}/deliveries/" + path.format(row.pk)))
    assert len(set(counts)) == 1


def make_more(row: Notification) -> None:
    OutboundMessage.objects.bulk_create(
        OutboundMessage(notification=row, conversation=make_conversation(row.bot, f"more-{n}"), payload={})
        for n in range(100)
    )


def queries(api: ApiClient, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer: Any = api.get(path)
    assert answer.status_code == 200
    return len(captured)
