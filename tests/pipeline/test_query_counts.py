"""How many statements each step of the road takes: fixed numbers, whatever the size of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, Conversation, Handler, Response
from permabots.pipeline.answering import compiled_bots
from permabots.pipeline.receiving import inbox, webhook_cache
from permabots.testing import TelegramServer, text_update
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import drain, say
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@dataclass(frozen=True, slots=True)
class Costs:
    """The statements of each step, by their first words; ``WITH`` and ``INSERT`` do several things at once on
    PostgreSQL.

    Args:
        known_chat: a webhook.
        new_chat: a webhook of a chat that has never written.
        cold: a webhook whose cache is empty; the first two read the account.
        wake: whether the conversation has a wake-up on its way, before one is published.
        begin: taking a conversation, looking and counting the attempt.
        again: looking and counting the attempt of the next message.
        turn: storing what a turn came to.
        transition: the same, where the chat moves to another state.
        nothing: the same, where nothing is answered.
        sent: booking the rates of the chat and of the account, and writing that it is sent.
        further: the same for a further part, with its claim.
        end: letting go, and looking once more.
        vain: a wake-up that finds nothing.
    """

    known_chat: list[str]
    new_chat: list[str]
    cold: list[str]
    wake: list[str]
    begin: list[str]
    again: list[str]
    turn: list[str]
    transition: list[str]
    nothing: list[str]
    sent: list[str]
    further: list[str]
    end: list[str]
    vain: list[str]


POSTGRESQL = Costs(
    known_chat=["SELECT", "WITH"],
    new_chat=["SELECT", "WITH"],
    cold=["SELECT", "WITH"],
    wake=["SELECT"],
    begin=["WITH"],
    again=["WITH"],
    turn=["WITH"],
    transition=["WITH"],
    nothing=["WITH"],
    sent=["UPDATE"],
    further=["UPDATE", "UPDATE", "UPDATE", "UPDATE"],
    end=["UPDATE", "SELECT"],
    vain=["WITH"],
)
ORM = Costs(
    known_chat=["INSERT"],
    new_chat=["SELECT", "BEGIN", "INSERT", "COMMIT", "INSERT"],
    cold=["SELECT", "SELECT", "INSERT"],
    wake=["SELECT"],
    begin=["UPDATE", "SELECT", "UPDATE"],
    again=["SELECT", "UPDATE"],
    turn=["BEGIN", "UPDATE", "INSERT", "UPDATE", "COMMIT"],
    transition=["BEGIN", "UPDATE", "UPDATE", "INSERT", "UPDATE", "COMMIT"],
    nothing=["BEGIN", "UPDATE", "UPDATE", "COMMIT"],
    sent=["UPDATE", "UPDATE", "UPDATE"],
    further=["UPDATE", "UPDATE", "UPDATE", "UPDATE"],
    end=["UPDATE", "SELECT"],
    vain=["UPDATE", "SELECT", "SELECT", "UPDATE", "SELECT"],
)
COMPILE = ["SELECT"] * 5


@pytest.fixture
def costs() -> Costs:
    return POSTGRESQL if connection.vendor == "postgresql" else ORM


@contextmanager
def bound_in_the_client(client: bool) -> Iterator[None]:
    """Have psycopg put the values into the statements, as Django's default is, where the database is PostgreSQL."""
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    if not client or connection.vendor != "postgresql":
        yield
        return
    saved = {name: options.pop(name) for name in ("server_side_binding", "prepare_threshold")}
    _forget_how_values_are_bound()
    yield
    options.update(saved)
    _forget_how_values_are_bound()


def _forget_how_values_are_bound() -> None:
    connection.close()
    connection.features.__dict__.pop("uses_server_side_binding", None)


@pytest.fixture(
    params=[(1, False), (1000, False), (1, True)], ids=["1 handler", "1,000 handlers", "values bound in the client"]
)
def bot(telegram: TelegramServer, request: pytest.FixtureRequest) -> Iterator[Bot]:
    """A bot of so many handlers, with a message answered in each state that the tests begin from."""
    handlers, client = request.param
    with bound_in_the_client(client):
        yield _bot(handlers)


def _bot(handlers: int) -> Bot:
    bot = make_bot()
    attach(bot)
    make_handler(bot, "^hello$", "Hi", priority=-1)
    make_handler(bot, "^go$", "went", target_state="here", priority=-1)
    make_handler(bot, "^two$", "one\\ntwo", priority=-1)
    make_handler(bot, "^ask$", request={"url_template": "http://127.0.0.1/"}, source_states=["here"], priority=-1)
    more = handlers - 1
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


def test_webhook_of_a_known_chat(bot: Bot, costs: Costs) -> None:
    webhook(bot, 2)
    assert counted(lambda: webhook(bot, 3)) == [*costs.known_chat, *costs.wake]


def test_webhook_of_a_new_chat(bot: Bot, costs: Costs) -> None:
    webhook(bot, 2)
    assert counted(lambda: webhook(bot, 3, chat=8)) == [*costs.new_chat, *costs.wake]


def test_webhook_with_an_empty_cache(bot: Bot, costs: Costs) -> None:
    cache.clear()
    assert counted(lambda: webhook(bot, 2)) == [*costs.cold, *costs.wake]


def test_turn_without_transition(bot: Bot, costs: Costs) -> None:
    talk = say(bot, "hello", 2)
    assert counted(lambda: drain(talk)) == [*costs.begin, *costs.turn, *costs.sent, *costs.end]


def test_turn_with_transition(bot: Bot, costs: Costs) -> None:
    talk = say(bot, "go", 2)
    assert counted(lambda: drain(talk)) == [*costs.begin, *costs.transition, *costs.sent, *costs.end]


def test_first_turn_of_a_chat_stores_who_writes_too(bot: Bot, costs: Costs) -> None:
    webhook(bot, 2, chat=8)
    talk = Conversation.objects.get(chat_id="8")
    statements = counted(lambda: drain(talk))
    assert Conversation.objects.get(pk=talk.pk).contact is not None
    if costs is POSTGRESQL:
        assert statements == [*costs.begin, *costs.turn, *costs.sent, *costs.end]


def test_each_further_part_is_claimed_and_marked(bot: Bot, costs: Costs) -> None:
    talk = say(bot, "two", 2)
    expected = [*costs.begin, *costs.turn, *costs.sent, *costs.further, *costs.end]
    assert counted(lambda: drain(talk)) == expected


def test_each_further_message_of_a_drain(bot: Bot, costs: Costs) -> None:
    say(bot, "hello", 2)
    talk = say(bot, "hello", 3)
    one = [*costs.turn, *costs.sent]
    assert counted(lambda: drain(talk)) == [*costs.begin, *one, *costs.again, *one, *costs.end]


def test_a_message_that_nothing_fits(bot: Bot, costs: Costs) -> None:
    talk = say(bot, "nothing fits", 2)
    assert counted(lambda: drain(talk)) == [*costs.begin, *costs.nothing, *costs.end]


def test_first_message_of_a_process(bot: Bot, costs: Costs) -> None:
    compiled_bots.forget()
    talk = say(bot, "hello", 2)
    expected = [*costs.begin, *COMPILE, *costs.turn, *costs.sent, *costs.end]
    assert counted(lambda: drain(talk)) == expected


def test_first_message_after_a_change(bot: Bot, costs: Costs) -> None:
    bot.handlers.filter(pattern="^hello$").update(name="changed")
    talk = say(bot, "hello", 2)
    expected = [*costs.begin, *COMPILE, *costs.turn, *costs.sent, *costs.end]
    assert counted(lambda: drain(talk)) == expected


def test_a_doubled_wake_up(bot: Bot, costs: Costs) -> None:
    talk = say(bot, "hello", 2)
    drain(talk)
    assert counted(lambda: drain(talk)) == costs.vain


def test_production_takes_at_most_eight_statements_for_a_message_and_four_for_a_further_one() -> None:
    it = POSTGRESQL
    assert len([*it.begin, *it.transition, *it.sent, *it.end]) <= 8
    assert len([*it.again, *it.transition, *it.sent]) <= 4
