"""Every outgoing message comes to an end, whatever goes wrong with it, and whatever its provider says can be stored."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client

from permabots.conf import DEFAULT_PROVIDERS
from permabots.exceptions import UNFORESEEN, RecipientMoved
from permabots.models import Bot, Conversation, InboundMessage, MessengerBot, OutboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring import integrations
from permabots.testing import Fault, FaultKind, TelegramServer
from tests.factories import make_bot, make_handler
from tests.pipeline.clumsy import Clumsy, ClumsyClient
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses
from tests.providers.scripted import ScriptedServer, answer
from tests.waiting import wait_is_over

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

ODD = "m\x00\ud83d" + "x" * 300
LIMIT = 3


@pytest.fixture
def clumsy(telegram: TelegramServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Telegram as another package serves it, which gives up after three tries."""
    others = [path for path in DEFAULT_PROVIDERS if "telegram" not in path]
    own = {"PROVIDERS": [*others, "tests.pipeline.clumsy.Clumsy"], "SEND_ATTEMPTS": LIMIT}
    settings.PERMABOTS = {**settings.PERMABOTS, **own}
    return monkeypatch


def drain_all(talk: Conversation) -> None:
    """Have workers look at a conversation time and again, each wait being over."""
    for _ in range(3 * LIMIT):
        with suppress(RuntimeError, SystemExit, MemoryError):
            drain(talk)
        Conversation.objects.update(lease_token=None, lease_expires_at=None)
        wait_is_over()


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemExit])
def test_a_message_whose_sending_fails_in_an_unforeseen_way_is_parked_after_its_attempts(
    clumsy: pytest.MonkeyPatch, bot: Bot, telegram: TelegramServer, error: type[BaseException]
) -> None:
    """`SystemExit` is how a worker dies: nobody writes down what came of the call."""
    make_handler(bot)
    clumsy.setattr(ClumsyClient, "trouble", error())
    talk = say(bot, "hello")
    drain_all(talk)
    assert telegram.texts(7) == ["Hi"] * LIMIT
    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts) == ("parked", LIMIT)
    assert row.error


def test_what_comes_after_a_message_that_always_fails_is_sent(
    clumsy: pytest.MonkeyPatch, bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    clumsy.setattr(ClumsyClient, "trouble", RuntimeError())
    drain_all(say(bot, "hello", 1))
    clumsy.setattr(ClumsyClient, "trouble", None)
    drain_all(say(bot, "hello", 2))
    assert statuses(OutboundMessage) == ["parked", "sent"]


def test_an_unforeseen_failure_is_followed_by_a_pause(
    clumsy: pytest.MonkeyPatch, bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    clumsy.setattr(ClumsyClient, "trouble", RuntimeError())
    talk = say(bot, "hello")
    with pytest.raises(RuntimeError):
        drain(talk)
    drain(talk)
    assert telegram.texts(7) == ["Hi"]
    assert OutboundMessage.objects.get().error == f"{UNFORESEEN} (attempt 1)"


def test_a_message_whose_client_cannot_be_made_is_parked(
    clumsy: pytest.MonkeyPatch, bot: Bot, telegram: TelegramServer
) -> None:
    make_handler(bot)
    talk = say(bot, "hello")
    clumsy.setattr(Clumsy, "unready", RuntimeError())
    drain_all(talk)
    assert statuses(OutboundMessage) == ["parked"]
    assert telegram.sent() == []


def test_a_provider_that_keeps_saying_that_the_chat_has_moved_is_given_up(clumsy: pytest.MonkeyPatch, bot: Bot) -> None:
    make_handler(bot)
    clumsy.setattr(ClumsyClient, "trouble", RecipientMoved("moved", "-1001"))
    talk = say(bot, "hello", chat=-100, user=1)
    drain_all(talk)
    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts) == ("parked", 2), "it was sent to that very id already"


def test_a_dead_worker_is_told_from_a_provider_that_says_wait(
    clumsy: pytest.MonkeyPatch, bot: Bot, telegram: TelegramServer
) -> None:
    """A message that has been refused often is not given up when its worker dies once."""
    make_handler(bot)
    often = Fault(FaultKind.TOO_MANY_REQUESTS, method="sendMessage", seconds=1, count=2 * LIMIT)
    telegram.add_fault(often)
    talk = say(bot, "hello")
    for _ in range(2 * LIMIT):
        drain(talk)
        wait_is_over()
    clumsy.setattr(ClumsyClient, "trouble", SystemExit())
    with pytest.raises(SystemExit):
        drain(talk)
    clumsy.setattr(ClumsyClient, "trouble", None)
    Conversation.objects.update(lease_token=None, lease_expires_at=None)
    wait_is_over()
    drain(talk)
    assert statuses(OutboundMessage) == ["sent"]


@pytest.fixture
def page(settings: Any) -> Iterator[tuple[ScriptedServer, MessengerBot]]:
    """A page at a Facebook that says odd things."""
    with ScriptedServer() as graph:
        graph.default = answer({"id": "12", "name": "n" * 300 + "\x00", "success": True, "message_id": ODD})
        settings.PERMABOTS = {"MESSENGER_API_URL": graph.url, "WEBHOOK_DOMAIN": "https://bots.example.com"}
        bot = make_bot()
        make_handler(bot)
        row = integrations.attach(bot, "messenger", {"token": "page", "app_secret": "secret"})
        assert isinstance(row, MessengerBot)
        yield graph, row


def write(row: MessengerBot, mid: str, person: str = "7") -> int:
    """Write to the page, as Facebook tells it."""
    message = {"mid": mid, "text": "hello"}
    event = {"sender": {"id": person}, "recipient": {"id": "12"}, "timestamp": 1_700_000_000_000, "message": message}
    body = json.dumps({"object": "page", "entry": [{"id": "12", "time": 1, "messaging": [event]}]})
    signature = "sha256=" + hmac.new(b"secret", body.encode(), "sha256").hexdigest()
    url = f"/processing/messengerbot/{row.pk}/"
    answer = Client().post(url, body, "application/json", headers={"X-Hub-Signature-256": signature})
    return int(answer.status_code)


def test_a_message_is_sent_once_whatever_its_provider_calls_it(page: tuple[ScriptedServer, MessengerBot]) -> None:
    graph, row = page
    assert write(row, "m1") == 200
    talk = Conversation.objects.get()
    draining.drain(talk.pk, "messenger")
    draining.drain(talk.pk, "messenger")
    sent = OutboundMessage.objects.get()
    assert (sent.status, sent.attempts, len(sent.provider_message_id)) == ("sent", 1, 200)
    assert len([call for call in graph.requests if "/messages" in call.path]) == 1


def test_long_ids_are_told_apart_and_a_repeat_is_still_a_repeat(page: tuple[ScriptedServer, MessengerBot]) -> None:
    _, row = page
    for mid in (ODD + "1", ODD + "2", ODD + "1"):
        assert write(row, mid, person="9" * 400) == 200
    assert InboundMessage.objects.count() == 2
    assert Conversation.objects.count() == 1


def test_what_a_provider_says_when_it_refuses_can_be_stored(page: tuple[ScriptedServer, MessengerBot]) -> None:
    graph, row = page
    error = {"error": {"code": 100, "message": ODD, "error_subcode": 1}}
    graph.default = answer(error, 400)
    assert write(row, "m1") == 200
    draining.drain(Conversation.objects.get().pk, "messenger")
    assert statuses(OutboundMessage) == ["parked"]
    assert "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}xx" in OutboundMessage.objects.get().error


def test_a_name_that_is_too_long_is_cut(page: tuple[ScriptedServer, MessengerBot]) -> None:
    _, row = page
    row.refresh_from_db()
    assert row.user_api.first_name == "n" * 255
