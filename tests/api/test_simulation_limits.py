"""Simulations and runs of tests while the author's API is slow or away: nobody's web thread is held for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from permabots.models import ApiHealth, Bot
from tests.admin.conftest import Browser
from tests.api.conftest import Api
from tests.api.traffic.test_simulate_api import make_asking
from tests.engine.scripted_server import OK, Connection, ScriptedServer
from tests.factories import make_bot
from tests.playground.talking import Talk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

LIMITS = {"REQUEST_ALLOWED_HOSTS": ["127.0.0.1"], "SIMULATIONS_PER_AUTHOR": 1, "SIMULATIONS": 2}


def post(bot: Bot, path: str, body: Any = None) -> Any:
    """Make a call about a bot, as its owner."""
    return (
        Api(bot.owner).post(f"bots/{bot.pk}/{path}", body)
        if body
        else Api(bot.owner)("POST", f"bots/{bot.pk}/{path}", b"")
    )


def simulate(bot: Bot, text: str = "hello") -> Any:
    return post(bot, "simulate/", {"text": text, "provider": "telegram"})


def ask(bot: Bot) -> Any:
    """Have a bot ask its author's API."""
    answer = simulate(bot, "ask")
    assert answer.status_code == 200, answer.content
    return answer.json()


@contextmanager
def api_that(does: Callable[[], None]) -> Iterator[str]:
    """An author's API that does something before it answers, while whoever called it waits."""

    def script(to: Connection) -> None:
        to.request()
        try:
            does()
        finally:
            connection.close()
        to.send(OK)

    with ScriptedServer(script) as server:
        yield server.url


def test_one_too_many_is_answered_at_once_and_other_authors_as_ever(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = LIMITS
    strangers = make_bot()
    answers: list[Any] = []

    def meanwhile() -> None:
        answers.extend(simulate(each) for each in (bot, strangers))
        answers.extend(post(each, "tests/run/") for each in (bot, strangers))

    with api_that(meanwhile) as url:
        make_asking(bot, url)
        assert ask(bot)["texts"] == ["200"]
    assert [answer.status_code for answer in answers] == [429, 200, 429, 200]
    assert answers[0]["Retry-After"] == "2"
    assert (
        answers[0]
        .json()["detail"]
        .startswith("Too many simulations, runs of tests and calls of messengers at once: one")
    )


def test_the_playground_counts_too(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = LIMITS
    owner = bot.owner
    owner.is_staff = owner.is_superuser = True
    owner.save()
    talk, answers = Talk(Browser(owner), bot), []

    def meanwhile() -> None:
        answers.append(Talk(Browser(owner), bot).ask("hello"))

    with api_that(meanwhile) as url:
        make_asking(bot, url)
        assert "200" in talk.say("ask")
    (answer,) = answers
    assert (answer.status_code, answer["Retry-After"]) == (429, "2")
    assert "Too many simulations" in answer.json()["errors"][0]


def test_an_api_that_does_not_answer_is_left_alone_by_simulations_as_by_messages(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {**LIMITS, "BREAKER_FAILURES": 2}
    make_asking(bot)  # nothing listens there
    errors = [ask(bot)["trace"]["request"]["error"] for _ in range(3)]
    assert errors[2].startswith("the API did not answer 2 times in a row")
    assert ApiHealth.objects.get().bot_id == bot.pk


def test_an_api_that_is_slower_than_a_simulation_may_take_is_not_left_alone_for_it(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {**LIMITS, "SIMULATION_TIMEOUT": 0.05}
    with ScriptedServer(lambda to: to.wait()) as server:
        make_asking(bot, server.url)
        assert ask(bot)["trace"]["request"]["error"] == "no answer within 0.05 s"
    assert not ApiHealth.objects.exists()
