"""Turns whose request finds no seat, or whose API is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from permabots import tasks
from permabots.exceptions import Busy
from permabots.models import ApiHealth, Bot, ChatState, InboundMessage
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.simulate import Question, simulate
from permabots.pipeline.user_api import bulkhead
from permabots.pipeline.user_api.circuit_breaker import Breaker, origin_of
from permabots.testing import TelegramServer, UserApiServer
from tests.factories import make_bot, make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, say, statuses
from tests.pipeline.test_bulkhead import room as room
from tests.pipeline.test_circuit_breaker import ORIGIN, over
from tests.pipeline.test_integrations import attach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


class TestNoSeat:
    """All seats of a bot whose API is slow are taken."""

    @pytest.fixture(autouse=True)
    def _full(self, room: None, bot: Bot, user_api: UserApiServer) -> Iterator[None]:
        """All seats of the bot are taken, until `free` is called."""
        make_handler(bot, r"^ask (?P<n>\d)$", "{{ pattern.n }}", request={"url_template": f"{user_api.base}/list"})
        make_handler(bot, "^hello$", "Hi")
        assert bulkhead._bulkhead is not None
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(bulkhead.slot(bot.pk, bot.owner_id, 0, failing=False))
            bulkhead._bulkhead._estimates[bot.owner_id].usual = bulkhead.LONGEST
            self.free: Callable[[], None] = stack.close
            yield

    def test_its_message_waits_as_if_it_had_not_been_begun(self, bot: Bot, user_api: UserApiServer) -> None:
        talk = say(bot, "ask 1")
        assert drain(talk) == pytest.approx(bulkhead.LONGEST)
        row = InboundMessage.objects.get()
        assert (row.status, row.attempts, row.error, row.trace) == ("pending", 0, "", None)
        talk.refresh_from_db()
        assert talk.lease_token is None
        assert timedelta(0) < talk.not_before - timezone.now() <= timedelta(seconds=bulkhead.LONGEST)  # type: ignore[operator]
        assert user_api.requests == []

    def test_its_further_messages_do_not_have_it_begun_again_more_often(
        self, bot: Bot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert draining.EARLY < bulkhead.LONGEST
        assert bulkhead._bulkhead is not None
        monkeypatch.setattr(bulkhead, "LONGEST", 20.0)  # a wait that no slow machine outlasts
        bulkhead._bulkhead._estimates[bot.owner_id].usual = bulkhead.LONGEST
        with patch("permabots.broker.publish") as publish:
            for number in (1, 2, 3):
                tasks.drain(say(bot, "ask 1", number).pk, "telegram")
        assert [call.kwargs["countdown"] for call in publish.call_args_list] == [pytest.approx(bulkhead.LONGEST)]

    def test_it_costs_three_statements_five_by_the_orm(self, bot: Bot, telegram: TelegramServer) -> None:
        drain(say(bot, "hello", 1))
        talk = say(bot, "ask 1", 2)
        with CaptureQueriesContext(connection) as queries:
            drain(talk)
        words = [query["sql"].split()[0] for query in queries]
        begun = ["WITH"] if connection.vendor == "postgresql" else ["UPDATE", "SELECT", "UPDATE"]
        assert words == [*begun, "UPDATE", "UPDATE"]  # taken, looked and counted; not counted; let go

    def test_a_longer_wait_of_the_chat_stands(self, bot: Bot) -> None:
        talk = say(bot, "ask 1")
        release = type(talk).objects.get_queryset().release

        def told_to_wait(self: Any, *arguments: Any) -> Any:
            self.filter(pk=talk.pk).update(not_before=Now() + timedelta(seconds=60))
            return release(*arguments)

        with patch("permabots.models.conversation.ConversationQuerySet.release", told_to_wait):
            drain(talk)
        talk.refresh_from_db()
        assert talk.not_before > timezone.now() + timedelta(seconds=50)  # type: ignore[operator]

    def test_it_is_answered_later_and_in_order(self, bot: Bot, telegram: TelegramServer) -> None:
        say(bot, "ask 1", 1)
        talk = say(bot, "hello", 2)
        drain(talk)
        assert telegram.texts(7) == []
        self.free()
        type(talk).objects.update(not_before=Now())
        drain(talk)
        assert telegram.texts(7) == ["1", "Hi"]
        assert list(InboundMessage.objects.values_list("status", "attempts")) == [("done", 1)] * 2

    def test_however_often_it_waits_it_is_not_parked(self, bot: Bot, telegram: TelegramServer) -> None:
        talk = say(bot, "ask 1")
        for _ in range(5):
            drain(talk)
            type(talk).objects.update(not_before=Now())
        assert statuses(InboundMessage) == ["pending"]

    def test_a_message_without_request_needs_none(self, bot: Bot, telegram: TelegramServer) -> None:
        drain(say(bot, "hello"))
        assert telegram.texts(7) == ["Hi"]

    @pytest.mark.parametrize(("is_owners", "said"), [(True, []), (False, ["4"])])
    def test_a_further_bot_of_its_owner_waits_with_it_and_another_owners_bot_does_not(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer, *, is_owners: bool, said: list[str]
    ) -> None:
        further = make_bot(**({"owner": bot.owner} if is_owners else {}))
        attach(further, "4343:further")
        make_handler(further, r"^ask (?P<n>\d)$", "{{ pattern.n }}", request={"url_template": f"{user_api.base}/list"})
        drain(say(further, "ask 4", chat=8))
        assert telegram.texts(8) == said
        assert len(user_api.requests) == len(said)

    def test_a_simulation_in_a_worker_needs_one_too(self, bot: Bot, user_api: UserApiServer) -> None:
        with pytest.raises(Busy):
            simulate(bot, Question("telegram", "ask 1"))
        assert not user_api.requests


class TestTurns:
    """The breaker in turns: one message each, in chats of their own."""

    @pytest.fixture(autouse=True)
    def _handler(self, bot: Bot, user_api: UserApiServer) -> None:
        text = "{{ response.error or response.data }}"
        make_handler(bot, "^ask$", text, request={"url_template": f"{user_api.base}/thing"}, target_state="asked")

    def ask(self, bot: Bot, telegram: TelegramServer, number: int) -> str:
        drain(say(bot, "ask", number, chat=1000 + number))
        (text,) = telegram.texts(1000 + number)
        return text

    def test_messages_are_answered_by_the_template_and_the_api_is_left_alone(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer
    ) -> None:
        user_api.add_route("/u/thing", None, cut=True)
        answers = [self.ask(bot, telegram, number) for number in range(1, 8)]
        assert set(answers[:5]) == {"the connection was closed before the answer was complete"}
        assert all(text.startswith("the API did not answer 5 times in a row, it is asked") for text in answers[5:])
        assert len(user_api.requests) == 5
        request = InboundMessage.objects.get(provider_sequence=7).trace["request"]
        assert (request["status"], request["error"]) == (0, answers[6])
        assert statuses(InboundMessage) == ["done"] * 7
        assert not ChatState.objects.exists()

    def test_it_closes_by_itself_when_the_api_is_back(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer
    ) -> None:
        user_api.add_route("/u/thing", {"fine": 1})
        user_api.add_route("/u/thing", None, status=503, times=5)
        for number in range(1, 7):
            self.ask(bot, telegram, number)
        assert len(user_api.requests) == 5
        over()
        assert self.ask(bot, telegram, 7) == "{'fine': 1}"
        assert not ApiHealth.objects.exists()
        assert ChatState.objects.count() == 1

    def test_another_api_of_the_bot_is_called(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer
    ) -> None:
        ApiHealth.objects.create(bot=bot, origin=ORIGIN, failures=9, open_until=Now() + timedelta(seconds=60))
        user_api.add_route("/u/thing", {"fine": 1})
        assert self.ask(bot, telegram, 1) == "{'fine': 1}"
        assert ApiHealth.objects.count() == 1

    def test_the_same_api_of_another_bot_is_called(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer
    ) -> None:
        until = Now() + timedelta(seconds=60)
        ApiHealth.objects.create(bot=make_bot(), origin=origin_of(user_api.url), failures=9, open_until=until)
        user_api.add_route("/u/thing", {"fine": 1})
        assert self.ask(bot, telegram, 1) == "{'fine': 1}"

    def test_what_another_is_asking_is_not_asked_too(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer
    ) -> None:
        origin = origin_of(user_api.url)
        row = ApiHealth.objects.create(bot=bot, origin=origin, failures=5, open_until=Now() - timedelta(seconds=1))
        seen = Breaker.read(bot.pk, origin)
        assert Breaker.read(bot.pk, origin).try_acquire_probe()
        with patch("permabots.pipeline.user_api.circuit_breaker.Breaker.read", return_value=seen):
            assert self.ask(bot, telegram, 1).endswith("it is asked again in 15 s")
        assert user_api.requests == []
        row.refresh_from_db()
        assert row.failures == 5

    def test_an_api_that_is_well_costs_no_statement(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer, room: None
    ) -> None:
        make_handler(bot, "^stay$", "Hi", target_state="asked")
        user_api.add_route("/u/thing", {"fine": 1})
        found = []
        for number, text in enumerate(("stay", "ask", "stay", "ask"), 1):
            talk = say(bot, text, number)
            with CaptureQueriesContext(connection) as queries:
                drain(talk)
            found.append([query["sql"].split()[0] for query in queries])
        assert found[2] == found[3]

    def test_a_simulation_asks_and_tells_it(self, bot: Bot, user_api: UserApiServer) -> None:
        user_api.add_route("/u/thing", None, status=503)
        said = [simulate(bot, Question("telegram", "ask")).outcome.answer.texts[0] for _ in range(6)]
        assert said[5].startswith("the API did not answer 5 times in a row")
        assert len(user_api.requests) == 5
