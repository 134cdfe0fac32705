"""Lists are searched and filtered."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from tests.admin.conftest import Browser
from tests.admin.world import World
from tests.factories import UNREACHABLE, answer, make_bot, make_conversation, make_handler, make_inbound, say

pytestmark = [pytest.mark.django_db]


def found(browser: Browser, table: str, **query: Any) -> list[Any]:
    """Return the keys of the rows in a list."""
    answer = browser.get(f"{table}_changelist", **query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


@pytest.mark.parametrize(
    "table", ["handler", "hook", "state", "environmentvar", "conversation", "inboundmessage", "outboundmessage"]
)
def test_a_list_is_filtered_by_bot(owner: Browser, world: World, table: str) -> None:
    other = World(make_bot(owner=world.bot.owner, name="other"))
    assert found(owner, table, bot=world.bot.pk) == [world.rows[table].pk]
    assert found(owner, table, bot=other.bot.pk) == [other.rows[table].pk]
    assert found(owner, table, bot="nonsense") == []


def test_messages_are_filtered_by_messenger_status_and_text(owner: Browser, world: World) -> None:
    waits = say(world.bot, "a pizza please")
    assert found(owner, "inboundmessage", status="pending") == [waits.pk]
    assert found(owner, "inboundmessage", q="pizza") == [waits.pk]
    assert found(owner, "inboundmessage", provider="telegram") == [waits.pk, world.message.pk]
    assert found(owner, "inboundmessage", provider="kik") == []


def test_calls_are_filtered_by_messenger_and_status(owner: Browser, world: World) -> None:
    make_handler(world.bot, "pizza")
    message = say(world.bot, "a pizza please", chat=UNREACHABLE)
    answer(message)
    parked = message.outbound.get()
    assert found(owner, "outboundmessage", status="parked") == [parked.pk]
    assert found(owner, "outboundmessage", q="blocked") == [parked.pk]
    assert found(owner, "outboundmessage", provider="kik") == []


def test_conversations_are_found_by_the_person_and_tell_what_waits(owner: Browser, world: World) -> None:
    other = make_conversation(world.bot, chat_id="8")
    waits = make_inbound(other, 3)
    assert found(owner, "conversation", q=world.contact.username or world.contact.first_name) == [world.talk.pk]
    rows = {row.pk: row for row in owner.get("conversation_changelist").context["cl"].result_list}
    assert (rows[other.pk].since, rows[world.talk.pk].since) == (waits.received_at, None)
    assert rows[world.talk.pk].last_at == world.message.received_at


def test_no_secret_is_found_by_searching_for_it(owner: Browser, world: World) -> None:
    assert found(owner, "environmentvar", q=world.variable.value) == []
    assert found(owner, "telegrambot", q=world.accounts[0].token) == []
