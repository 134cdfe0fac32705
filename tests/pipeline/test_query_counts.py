"""How many statements each step of the road takes: fixed numbers, whatever the size of the bot."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, ChatState, Handler, Response
from permabots.pipeline.answering import compiled_bots
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import TelegramServer, UserApiServer, text_update
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

WEBHOOK_WARM = ["INSERT"]
WEBHOOK_NEW_CHAT = ["SELECT", "BEGIN", "INSERT", "COMMIT", "INSERT"]
WEBHOOK_COLD = ["SELECT", "SELECT", "INSERT"]

TAKE_AND_LOOK = ["UPDATE", "SELECT"]
COUNT = ["UPDATE"]
TURN = ["BEGIN", "UPDATE", "INSERT", "UPDATE", "COMMIT"]
TURN_WITH_TRANSITION = ["BEGIN", "UPDATE", "UPDATE", "INSERT", "UPDATE", "COMMIT"]
PACE = ["UPDATE", "UPDATE"]  # the chat's rate, the account's rate
SENT = [*PACE, "UPDATE"]
RELEASE_AND_LOOK = ["UPDATE", "SELECT"]
CLAIMED_AND_SENT = [*PACE, "UPDATE", "UPDATE"]
COMPILE = ["SELECT"] * 5


@pytest.fixture(params=[1, 1000], ids=["1 handler", "1,000 handlers"])
def bot(telegram: TelegramServer, request: pytest.FixtureRequest) -> Bot:
    """A bot of so many handlers, with a message answered in each state that the tests begin from."""
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^hello$", "Hi", priority=-1)
    make_handler(bot, "^go$", "went", target_state="here", priority=-1)
    make_handler(bot, "^two$", "one\\ntwo", priority=-1)
    make_handler(bot, "^ask$", request={"url_template": "http://127.0.0.1/"}, source_states=["here"], priority=-1)
    more = request.param - 1
    responses = Response.objects.bulk_create(Response(text_template="x") for _ in range(more))
    Handler.objects.bulk_create(
        Handler(bot=bot, name=f"h{place}", pattern=f"^/command{place}$", response=response)
        for place, response in enumerate(responses)
    )
    cache.clear()  # the seconds after a change, in which the account is read each time, are over
    drain(say(bot, "go", 1))
    return Bot.objects.select_related("telegram_bot").get(pk=bot.pk)


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Return the first words of the statements; how each database opens a transaction is one word here."""
    words = [query["sql"].split()[0].rstrip(";").upper() for query in queries]
    return [word for word in words if word not in {"SAVEPOINT", "RELEASE"}]


def counted(action: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        action()
    return statements(queries)


def webhook(bot: Bot, update_id: int, chat: int = 7) -> None:
    row = bot.telegram_bot
    assert row is not None
    target = webhook_cache.get_webhook_target("telegram", row.pk)
    assert target is not None
    event = text_update(update_id, chat, "hello", message_id=update_id)
    inbox.store(target, inbox.parse(target, event))


def test_webhook_of_a_known_chat(bot: Bot) -> None:
    webhook(bot, 2)
    assert counted(lambda: webhook(bot, 3)) == WEBHOOK_WARM


def test_webhook_of_a_new_chat(bot: Bot) -> None:
    webhook(bot, 2)
    assert counted(lambda: webhook(bot, 3, chat=8)) == WEBHOOK_NEW_CHAT


def test_webhook_with_an_empty_cache(bot: Bot) -> None:
    cache.clear()
    assert counted(lambda: webhook(bot, 2)) == WEBHOOK_COLD


def test_turn_without_transition(bot: Bot) -> None:
    talk = say(bot, "hello", 2)
    assert counted(lambda: drain(talk)) == [*TAKE_AND_LOOK, *COUNT, *TURN, *SENT, *RELEASE_AND_LOOK]


def test_turn_with_transition(bot: Bot) -> None:
    talk = say(bot, "go", 2)
    assert counted(lambda: drain(talk)) == [*TAKE_AND_LOOK, *COUNT, *TURN_WITH_TRANSITION, *SENT, *RELEASE_AND_LOOK]


def test_each_further_part_is_claimed_and_marked(bot: Bot) -> None:
    talk = say(bot, "two", 2)
    expected = [*TAKE_AND_LOOK, *COUNT, *TURN, *SENT, *CLAIMED_AND_SENT, *RELEASE_AND_LOOK]
    assert counted(lambda: drain(talk)) == expected


def test_each_further_message_of_a_drain(bot: Bot) -> None:
    say(bot, "hello", 2)
    talk = say(bot, "hello", 3)
    one = [*COUNT, *TURN, *SENT]
    assert counted(lambda: drain(talk)) == [*TAKE_AND_LOOK, *one, "SELECT", *one, *RELEASE_AND_LOOK]


def test_a_message_that_nothing_fits(bot: Bot) -> None:
    talk = say(bot, "nothing fits", 2)
    turn = ["BEGIN", "UPDATE", "UPDATE", "COMMIT"]
    assert counted(lambda: drain(talk)) == [*TAKE_AND_LOOK, *COUNT, *turn, *RELEASE_AND_LOOK]


def test_first_message_of_a_process(bot: Bot) -> None:
    compiled_bots.forget()
    talk = say(bot, "hello", 2)
    expected = [*TAKE_AND_LOOK, *COUNT, *COMPILE, *TURN, *SENT, *RELEASE_AND_LOOK]
    assert counted(lambda: drain(talk)) == expected


def test_first_message_after_a_change(bot: Bot) -> None:
    bot.handlers.filter(pattern="^hello$").update(name="changed")
    talk = say(bot, "hello", 2)
    expected = [*TAKE_AND_LOOK, *COUNT, *COMPILE, *TURN, *SENT, *RELEASE_AND_LOOK]
    assert counted(lambda: drain(talk)) == expected


def test_a_doubled_wake_up(bot: Bot) -> None:
    talk = say(bot, "hello", 2)
    drain(talk)
    assert counted(lambda: drain(talk)) == ["UPDATE", "SELECT", "SELECT", *RELEASE_AND_LOOK]


@pytest.mark.parametrize(
    ("text", "loads"),
    [("hello", 0), ("no handler fits", 0), ("what", 1), ("go", 1)],
    ids=["answered", "nothing fits", "a template reads it", "a transition keeps it"],
)
def test_large_contexts_are_read_by_those_messages_only_that_need_them(
    telegram: TelegramServer, user_api: UserApiServer, text: str, loads: int
) -> None:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^begin$", target_state="here", request={"url_template": f"{user_api.base}/big"})
    make_handler(bot, "^hello$", "Hi")
    make_handler(bot, "^go$", "went", target_state="there")
    make_handler(bot, "^what$", "{{ state_context._start.response.data.text|length }}")
    user_api.add_route("/u/big", {"text": "x" * 50_000})
    drain(say(bot, "begin", 1))
    talk = say(bot, text, 2)
    with CaptureQueriesContext(connection) as queries:
        drain(talk)
    read = [query["sql"] for query in queries if query["sql"].startswith('SELECT "permabots_chatstate"')]
    assert len(read) == loads
    assert ChatState.objects.get().contexts["_start"]["response"]["data"]["text"] == "x" * 50_000
    assert telegram.texts(7)[-1] == {"what": "50000", "go": "went", "hello": "Hi"}.get(text, telegram.texts(7)[-1])
