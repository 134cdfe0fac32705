"""A conversation as a transcript: who said what, and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, Conversation, InboundMessage, OutboundMessage
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks.notifications import store
from permabots.testing.updates import message
from tests.admin.conftest import Browser
from tests.admin.world import TRACE
from tests.ends import BLOCKED, drain, make_answer, troubled
from tests.factories import (
    answer,
    at_large,
    come,
    make_conversation,
    make_handler,
    make_inbound,
    make_outbound,
    make_telegram,
    say,
    tell,
)

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def talk(bot: Bot) -> Conversation:
    make_telegram(bot)
    make_handler(bot, r"^question (?P<n>\d+)", "answer {{ pattern.n }}")
    return make_conversation(bot)


def said(talk: Conversation, number: int, text: str = "") -> InboundMessage:
    """Have somebody ask something and be answered."""
    message = say(talk.bot, text or f"question {number}")
    answer(message)
    assert (message.status, message.outbound.get().status) == ("done", "sent")
    return message


def traced(talk: Conversation, trace: Any) -> InboundMessage:
    """The same, with a trace that has parts of every kind, or lacks them."""
    message = said(talk, 1)
    InboundMessage.objects.filter(pk=message.pk).update(trace=trace)
    return message


def test_what_was_said_is_in_the_order_it_was_said(owner: Browser, talk: Conversation) -> None:
    for number in (1, 2):
        said(talk, number)
    source = owner.read("conversation_change", talk.pk)
    places = [source.index(f">{text}</") for text in ("question 1", "answer 1", "question 2", "answer 2")]
    assert places == sorted(places)


def test_a_turn_tells_why_it_was_answered_so(owner: Browser, talk: Conversation) -> None:
    traced(talk, TRACE)
    source = owner.read("conversation_change", talk.pk)
    for text in (
        *("other: it answers in other states only", "old: it is disabled", "greeting", "Ann", "http://api/", "3.5"),
        *("Hello Ann", "&quot;label&quot;: &quot;Yes&quot;", "start → menu", "nobody", "a note", "match 0.12 ms"),
    ):
        assert text in source
    assert "and 0 more" not in source


def test_the_page_of_a_message_tells_the_same(owner: Browser, talk: Conversation) -> None:
    message = traced(talk, TRACE)
    source = owner.read("inboundmessage_change", message.pk)
    assert all(text in source for text in ("other: it answers in other states only", "answer 1", "start → menu"))


@pytest.mark.parametrize(
    "trace",
    [
        None,
        {},
        {"rejected": "…", "ms": "…", "request": "…", "keyboard": ["…"], "texts": "…", "rejected_total": "…"},
        {"rejected": ["… 3 more"], "request": {"…": "3 more"}, "pattern": {"…": "1 more"}, "handler": {"id": "1"}},
        {"error": {"where": "text", "message": "boom", "line": 3}, "late": "a later message was answered"},
    ],
)
def test_a_trace_may_be_cut_anywhere(owner: Browser, talk: Conversation, trace: Any) -> None:
    traced(talk, trace)
    assert "question 1" in owner.read("conversation_change", talk.pk)


def test_an_error_is_told_with_its_line(owner: Browser, talk: Conversation) -> None:
    traced(talk, {"error": {"where": "text", "message": "boom", "line": 3}})
    assert "text: boom (line 3)" in owner.read("conversation_change", talk.pk)


def test_handlers_that_the_trace_has_no_room_for_are_counted(owner: Browser, talk: Conversation) -> None:
    traced(talk, {**TRACE, "rejected_total": 40})
    assert "and 38 more" in owner.read("conversation_change", talk.pk)


def test_what_people_write_is_no_markup(owner: Browser, talk: Conversation) -> None:
    make_handler(talk.bot, "script", "<b>x</b>")
    said(talk, 1, "<script>alert(1)</script>")
    source = owner.read("conversation_change", talk.pk)
    assert "<script>alert" not in source
    assert "&lt;b&gt;x&lt;/b&gt;" in source


def test_an_event_without_a_text_says_what_it_is(owner: Browser, talk: Conversation) -> None:
    row = come(talk.bot, {"update_id": 1, "message": message(7, message_id=1, sticker={"emoji": "x"})})
    assert (row.conversation, row.status, row.error != "") == (talk, "ignored", True)
    source = owner.read("conversation_change", talk.pk)
    assert "<em>(ignored)</em>" in source
    assert row.error in source
    assert "Nothing was sent." in source


def test_a_call_that_failed_says_why(owner: Browser, talk: Conversation) -> None:
    row = make_answer(talk.bot, "pending")
    with at_large() as server, troubled(server, ["parked"], 7):
        drain(row.conversation)
    source = owner.read("conversation_change", talk.pk)
    assert f"2 attempts: RecipientGone: {BLOCKED}" in source


def test_what_a_hook_said_stands_between(owner: Browser, bot: Bot, talk: Conversation) -> None:
    said(talk, 1)
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "news part 0\\nnews part 1"}})
    hook.recipients.create(provider="telegram", chat_id="7", name="me")
    tell(store(hook, {}))
    with at_large():
        Bot.objects.get().integrations()[0].send_message(7, "by code part 0", [])
    said(talk, 2)
    source = owner.read("conversation_change", talk.pk)
    wanted = ("answer 1", "news part 0", "news part 1", "by code part 0", "question 2")
    places = [source.index(f">{text}</") for text in wanted]
    assert places == sorted(places)
    assert "Hook news" in source
    assert "Sent by code" in source


def test_the_text_of_a_call_is_found_wherever_its_provider_wants_it(owner: Browser, talk: Conversation) -> None:
    bodies = [
        {"messages": [{"type": "text", "body": "kik says"}]},
        {"message": {"attachment": {"payload": {"text": "messenger says", "buttons": [{"title": "x"}]}}}},
        {"callback_query_id": "7"},
    ]
    for number, body in enumerate(bodies):
        message = make_inbound(talk, number)
        make_outbound(talk, inbound=message, payload={"method": "m", "body": body, "optional": False})
    source = owner.read("conversation_change", talk.pk)
    assert ">kik says</div>" in source
    assert ">messenger says</div>" in source


def test_an_answer_is_shown_with_its_markup_and_buttons(owner: Browser, talk: Conversation) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes & no", "callback_data": "y"}, {"text": "Web", "url": "https://x/"}]]}
    text = "<b>Tea</b> &amp; <a href='ftp://x/'>you</a>"
    payload = {"method": "sendMessage", "body": {"text": text, "reply_markup": markup}, "optional": False}
    make_outbound(talk, inbound=make_inbound(talk, 1), payload=payload)
    source = owner.read("conversation_change", talk.pk)
    assert ">&lt;b&gt;" not in source
    assert '<div class="permabots-text"><b>Tea</b> &amp; you</div>' in source
    assert "<li>Yes &amp; no</li><li>Web</li>" in source


def test_a_call_of_a_shape_that_its_provider_does_not_know_is_shown_all_the_same(
    owner: Browser, talk: Conversation
) -> None:
    payload = {"method": "sendMessage", "body": {"text": "old", "reply_markup": "?"}, "optional": False}
    make_outbound(talk, inbound=make_inbound(talk, 1), payload=payload)
    assert ">old</div>" in owner.read("conversation_change", talk.pk)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_newest_page_is_first_and_others_are_linked(owner: Browser, talk: Conversation) -> None:
    for number in range(120):
        make_inbound(talk, number, text=f"no {number}.")
    first = owner.read("conversation_change", talk.pk)
    assert (first.count('<li class="permabots-turn">'), ">no 119.<" in first, ">no 69.<" in first) == (50, True, False)
    assert ("?page=2" in first, "Newer messages" in first) == (True, False)
    last = owner.read("conversation_change", talk.pk, page=3)
    assert (last.count('<li class="permabots-turn">'), ">no 0.<" in last) == (20, True)
    assert ("?page=2" in last, "Older messages" in last) == (True, False)


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", ""])
def test_a_page_that_is_not_there_is_the_nearest(owner: Browser, talk: Conversation, page: str) -> None:
    said(talk, 1)
    assert "question 1" in owner.read("conversation_change", talk.pk, page=page)


def test_a_conversation_without_messages_says_so(owner: Browser, talk: Conversation) -> None:
    assert "Nothing was said yet." in owner.read("conversation_change", talk.pk)


def said_row(talk: Conversation, number: int) -> InboundMessage:
    """Return an unsaved message like the first one that was said."""
    row = InboundMessage.objects.order_by("pk")[0]
    row.pk, row.external_id, row.provider_sequence = None, f"m{number}", number
    return row


def test_the_page_asks_as_often_for_10_messages_as_for_1000(owner: Browser, talk: Conversation) -> None:
    def asked() -> int:
        owner.read("conversation_change", talk.pk)
        with CaptureQueriesContext(connection) as found:
            owner.read("conversation_change", talk.pk)
        return len(found)

    for number in range(10):
        said(talk, number)
    few = asked()
    more = [said_row(talk, number) for number in range(10, 1000)]
    InboundMessage.objects.bulk_create(more)
    calls = [OutboundMessage(conversation=talk, inbound=row, payload={"method": "m", "body": {}}) for row in more]
    OutboundMessage.objects.bulk_create(calls)
    assert (asked(), few <= 12) == (few, True)


def test_a_transcript_is_only_read(owner: Browser, talk: Conversation) -> None:
    assert owner.post("conversation_change", talk.pk).status_code == 403


def test_a_transcript_wants_permission(owner: Browser, talk: Conversation) -> None:
    owner.user.user_permissions.clear()
    assert owner.get("conversation_change", talk.pk).status_code == 403
