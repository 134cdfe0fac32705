"""A turn that failed is a failed turn: whoever counts, filters or reads messages sees it, and a bot may say so."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from permabots.models import Bot, ChatState, InboundMessage, OutboundMessage
from permabots.pipeline.authoring import simulate
from permabots.pipeline.operating import backlog
from permabots.testing import TelegramServer, UserApiServer, callback_update
from tests.admin.conftest import Browser
from tests.api.conftest import Api
from tests.factories import make_handler
from tests.pipeline.talking import arrive, drain, say, statuses
from tests.pipeline.talking import bot as bot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

SORRY = "Something went wrong <&> please try again"


@pytest.fixture(autouse=True)
def _a_handler_that_fails_on_some_messages(bot: Bot) -> None:
    text = "{{ 12 / (pattern.n|int) }}"
    make_handler(bot, r"^share (?P<n>\d+)$", text, keyboard="[['more']]", target_state="shared")


@pytest.fixture
def browser(bot: Bot) -> Browser:
    bot.owner.is_staff = bot.owner.is_superuser = True
    bot.owner.save()
    return Browser(bot.owner)


def fall_back(bot: Bot) -> None:
    answer = Api(bot.owner)("PATCH", f"bots/{bot.pk}/", {"fallback_text": SORRY})
    assert (answer.status_code, answer.json()["fallback_text"]) == (200, SORRY)


def fail(bot: Bot) -> InboundMessage:
    drain(say(bot, "share 0"))
    return InboundMessage.objects.get()


def test_the_message_says_that_it_failed_and_why(bot: Bot, telegram: TelegramServer) -> None:
    row = fail(bot)
    assert (row.status, row.attempts, row.handled_at is not None) == ("failed", 1, True)
    assert row.error.startswith("text: ")
    assert "zero" in row.error
    assert (row.trace["error"]["where"], "notes" in row.trace) == ("text", False)
    assert (telegram.sent(), OutboundMessage.objects.count()) == ([], 0)


def test_the_state_stays_and_the_next_message_is_answered(bot: Bot, telegram: TelegramServer) -> None:
    drain(say(bot, "share 4", 1))
    before = ChatState.objects.values().get()
    drain(say(bot, "share 0", 2))
    assert ChatState.objects.values().get() == before
    drain(say(bot, "share 6", 3))
    assert (telegram.texts(7), statuses(InboundMessage)) == (["3.0", "2.0"], ["done", "failed", "done"])


def test_the_api_is_not_asked_twice(bot: Bot, user_api: UserApiServer) -> None:
    request = {"url_template": f"{user_api.base}/echo", "method": "Post"}
    make_handler(bot, "^ask$", "{{ 1 / (response.status - response.status) }}", request=request, target_state="x")
    talk = say(bot, "ask")
    drain(talk)
    drain(talk)
    assert (len(user_api.requests), statuses(InboundMessage), ChatState.objects.count()) == (1, ["failed"], 0)


def test_a_bots_fallback_text_is_sent_as_it_stands(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    row = fail(bot)
    (sent,) = telegram.messages(7)
    assert (sent["text"], sent.get("reply_markup", {}).get("inline_keyboard")) == (SORRY, None)
    assert (row.status, statuses(OutboundMessage), row.trace["texts"]) == ("failed", ["sent"], [SORRY])
    assert row.trace["notes"] == ["the turn failed: the bot's fallback text is sent in its place"]
    assert ChatState.objects.count() == 0


def test_a_press_that_fails_is_told_so_too(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    drain(arrive(bot, callback_update(1, 7, "share 0", message_id=5, callback_id="q1")))
    assert (InboundMessage.objects.get().status, telegram.texts(7)) == ("failed", [SORRY])


def test_a_text_of_a_bot_says_nothing_where_nothing_failed(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    drain(say(bot, "something else", 1))
    drain(say(bot, "share 3", 2))
    assert telegram.texts(7) == ["4.0"]


def test_it_is_no_answer_in_any_count(bot: Bot, browser: Browser) -> None:
    fall_back(bot)
    fail(bot)
    counted = [(one.kind, one.provider, one.status, one.rows) for one in backlog.count()]
    assert counted == [("inbound", "telegram", "failed", 1)]
    page = browser.get("bot_change", bot.pk).context
    assert ([row.answered for row in page["handlers"]], page["looked_at"]) == ([0], 1)


def test_whoever_watches_sees_it(bot: Bot, browser: Browser) -> None:
    row = fail(bot)
    listed = browser.get("bot_changelist", trouble="yes").context["cl"]
    assert [listed.model_admin.trouble(one) for one in listed.result_list] == [
        "answers that failed in the last 7 days: 1"
    ]
    messages = browser.get("inboundmessage_changelist", status__exact="failed").context["cl"]
    assert [one.pk for one in messages.result_list] == [row.pk]
    transcript = browser.read("conversation_change", row.conversation_id)
    assert "permabots-status-failed" in transcript
    said = StringIO()
    call_command("permabots_status", json=True, stdout=said)
    (status,) = json.loads(said.getvalue())["rows"]
    assert (status["bot"], status["kind"], status["status"], status["rows"]) == ("shop", "inbound", "failed", 1)


def test_the_api_filters_by_it_and_shows_the_reason(bot: Bot) -> None:
    row = fail(bot)
    drain(say(bot, "share 1", 2))
    (shown,) = Api(bot.owner)("GET", f"bots/{bot.pk}/messages/?status=failed").json()["results"]
    assert (shown["id"], shown["status"], shown["error"]) == (row.pk, "failed", row.error)


def test_the_log_names_the_handler_and_no_text(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "permabots")
    make_handler(bot, r"^(?P<word>mysecretword)$", "{{ pattern.word + 1 }}")
    drain(say(bot, "mysecretword"))
    row = InboundMessage.objects.get()
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warned == [f"message {row.pk} failed: handler {row.trace['handler']['id']}, text"]
    assert "mysecretword" not in caplog.text


def test_it_is_tried_again_once_its_cause_is_mended(bot: Bot, telegram: TelegramServer) -> None:
    row = fail(bot)
    handler = bot.handlers.get()
    change = {"response": {"text_template": "mended"}}
    assert Api(bot.owner)("PATCH", f"bots/{bot.pk}/handlers/{handler.pk}/", change).status_code == 200
    assert Api(bot.owner)("POST", f"bots/{bot.pk}/messages/{row.pk}/retry/").status_code == 200
    drain(row.conversation)
    row.refresh_from_db()
    assert (row.status, row.error, telegram.texts(7)) == ("done", "", ["mended"])


def test_one_that_was_told_so_is_not_answered_a_second_time(bot: Bot, telegram: TelegramServer) -> None:
    fall_back(bot)
    row = fail(bot)
    assert Api(bot.owner)("POST", f"bots/{bot.pk}/messages/{row.pk}/retry/").status_code == 409
    said = StringIO()
    call_command("permabots_retry", dry_run=True, stdout=said)
    assert said.getvalue().startswith("shop: 0 messages")
    assert telegram.texts(7) == [SORRY]


def test_a_simulation_says_what_would_be_sent(bot: Bot) -> None:
    fall_back(bot)
    result = simulate.simulate(Bot.objects.get(), simulate.Question("telegram", "share 0"))
    (payload,) = result.payloads
    assert payload.body["text"] == "Something went wrong &lt;&amp;&gt; please try again"
    assert result.outcome.next_state is None


def test_a_person_reads_in_the_playground_what_failed(bot: Bot, browser: Browser) -> None:
    fall_back(bot)
    body: dict[str, Any] = {"service": "telegram", "text": "share 0", "kind": "text"}
    answer = browser.client.post(
        f"/admin/permabots/bot/{bot.pk}/playground/say/", json.dumps(body), content_type="application/json"
    )
    assert "The answer failed, text: " in answer.json()["html"]


def test_a_secret_stays_out_of_the_reason(bot: Bot) -> None:
    bot.env_vars.create(key="token", value="verysecretvalue", secret=True)
    make_handler(bot, "^leak$", "{{ env.token + 1 }}")
    drain(say(bot, "leak"))
    row = InboundMessage.objects.get()
    assert row.status == "failed"
    assert "verysecretvalue" not in f"{row.error} {row.trace}"
