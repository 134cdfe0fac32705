"""The list of a bot's messages: what is shown, and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, Conversation, InboundMessage
from permabots.testing import Fault, FaultKind
from tests.api.traffic.client import ApiClient
from tests.ends import BLOCKED, drain, make_answer
from tests.factories import (
    at_large,
    come,
    make_conversation,
    make_handler,
    make_inbound,
    make_outbound,
    make_telegram,
    say,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NOWHERE = {"update_id": 5, "poll": {"id": "1", "question": "Tea?", "options": []}}
"""An update that belongs to no chat, and that bots do not answer."""


def shown_time(moment: datetime | None) -> str:
    assert moment is not None
    return moment.isoformat().replace("+00:00", "Z")


def test_a_message_is_shown_with_its_trace_and_what_was_sent(api: ApiClient, bot: Bot) -> None:
    row = make_answer(bot, "sent", "parked", user=8)
    first, second = row.outbound.order_by("part")
    InboundMessage.objects.update(received_at=NOON)
    (shown,) = api.get("messages/").json()["results"]
    assert [call.pop("created_at") is not None for call in shown["outbound"]] == [True, True]
    assert shown["trace"]["handler"]["name"] == "2 parts"
    assert [call["payload"]["body"]["text"] for call in shown["outbound"]] == ["part 0", "part 1"]
    assert shown == {
        "id": row.pk,
        "provider": "telegram",
        "chat": "7",
        "user": "8",
        "topic": "",
        "kind": "text",
        "text": "2 parts",
        "status": "done",
        "attempts": 1,
        "error": "",
        "received_at": "2030-01-01T12:00:00Z",
        "handled_at": shown_time(row.handled_at),
        "trace": row.trace,
        "outbound": [
            {
                "id": first.pk,
                "part": 0,
                "status": "sent",
                "attempts": 1,
                "error": "",
                "payload": first.payload,
                "provider_message_id": first.provider_message_id,
                "sent_at": shown_time(first.sent_at),
            },
            {
                "id": second.pk,
                "part": 1,
                "status": "parked",
                "attempts": 1,
                "error": f"RecipientGone: {BLOCKED}",
                "payload": second.payload,
                "provider_message_id": "",
                "sent_at": None,
            },
        ],
    }
    assert first.provider_message_id != ""


def test_one_message_is_shown_as_in_the_list(api: ApiClient, bot: Bot) -> None:
    row = make_inbound(make_conversation(bot), 1)
    assert api.get(f"messages/{row.pk}/").json() == api.get("messages/").json()["results"][0]


def test_an_ignored_event_has_no_text_and_no_trace(api: ApiClient, bot: Bot) -> None:
    come(bot, NOWHERE)
    (shown,) = api.get("messages/").json()["results"]
    assert (shown["text"], shown["trace"], shown["chat"], shown["outbound"]) == (None, None, "", [])


def test_a_bot_without_messages_has_an_empty_page(api: ApiClient) -> None:
    assert api.get("messages/").json() == {"results": [], "next": None}


def test_pages_follow_each_other_newest_first_until_the_end(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    rows = [make_inbound(talk, number) for number in range(7)]
    page = api.get("messages/", limit=3, status="pending").json()
    seen = [page]
    while page["next"] is not None:
        page = api.follow(page["next"])
        seen.append(page)
    assert [[row["id"] for row in page["results"]] for page in seen] == [
        [rows[6].pk, rows[5].pk, rows[4].pk],
        [rows[3].pk, rows[2].pk, rows[1].pk],
        [rows[0].pk],
    ]


def test_what_arrives_meanwhile_shifts_no_page(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    rows = [make_inbound(talk, number) for number in range(4)]
    first = api.get("messages/", limit=2).json()
    make_inbound(talk, 9)
    assert [row["id"] for row in api.follow(first["next"])["results"]] == [rows[1].pk, rows[0].pk]


def test_a_page_that_ends_with_the_last_row_has_no_next(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    for number in range(3):
        make_inbound(talk, number)
    assert api.get("messages/", limit=3).json()["next"] is None


def test_fifty_are_shown_where_no_limit_is_given(api: ApiClient, bot: Bot) -> None:
    talk = make_conversation(bot)
    for number in range(51):
        make_inbound(talk, number)
    page = api.get("messages/").json()
    assert (len(page["results"]), page["next"] is None) == (50, False)


@pytest.mark.parametrize("number", ["1", str(2**63), "9" * 400])
def test_a_message_that_does_not_exist_is_404(api: ApiClient, number: str) -> None:
    answer = api.get(f"messages/{number}/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("path", ["messages/?limit=100", "messages/{}/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(api: ApiClient, bot: Bot, path: str) -> None:
    counts = []
    for number in range(100):
        row = make_inbound(make_conversation(bot, str(number)), number)
        make_outbound(row.conversation, inbound=row)
        make_outbound(row.conversation, inbound=row, part=1)
        if number in (0, 99):
            counts.append(queries(api, path.format(row.pk)))
    assert counts == [4, 4]


def queries(api: ApiClient, path: str) -> int:
    """Return how many queries a call takes: the caller, the bot, the rows and what they prefetch."""
    with CaptureQueriesContext(connection) as captured:
        answer: Any = api.get(path)
    assert answer.status_code == 200
    return len(captured)


def test_a_message_that_came_in_is_its_bots_whatever_becomes_of_its_chat(api: ApiClient, bot: Bot) -> None:
    other: Bot = make_telegram().bot
    make_handler(bot)
    row = say(bot, "hello", chat=-4107, user=7)
    with at_large() as server:
        server.add_fault(Fault(FaultKind.MIGRATED, chat_id=-4107, migrate_to_chat_id=-1004107))
        drain(row.conversation)
        server.clear_faults()
    (shown,) = api.get("messages/").json()["results"]
    assert (shown["chat"], shown["text"]) == ("-1004107", "hello")
    assert ApiClient(other).get("messages/").json()["results"] == []
    Conversation.objects.get().delete()
    assert api.get("messages/").json()["results"] == []


def test_messages_go_with_their_bot_and_no_others(bot: Bot) -> None:
    other: Bot = make_telegram().bot
    make_outbound(make_conversation(bot), inbound=make_inbound(make_conversation(bot, "8"), 1))
    kept = make_inbound(make_conversation(other), 1)
    bot.delete()
    assert list(InboundMessage.objects.all()) == [kept]
