"""Conversation tests: held anew with canned answers, and compared with what was written down."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from permabots.engine.definitions import StateDefinition
from permabots.engine.test_steps import StubResponse
from permabots.models import Bot, ConversationTest, Handler
from permabots.pipeline.authoring.configuration import change_handler
from permabots.pipeline.authoring.conversation_tests import Result, play, run
from permabots.pipeline.authoring.simulate import Question
from permabots.values import Kind
from tests.admin.world import database
from tests.factories import make_bot, make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

API = {"url_template": "http://127.0.0.1:9/"}


@pytest.fixture
def bot(db: None) -> Bot:
    """It greets, asks its author's API in the menu, and has a button that is too long for Telegram."""
    bot = make_bot()
    make_handler(bot, "^hello$", "Hi", target_state="menu", keyboard=f"[[('Go', 'go {'x' * 80}'), 'no']]")
    make_handler(bot, "^go (?P<what>x+)$", "{{ response.data.name }}\nis {{ pattern.what|length }}", request=API)
    return Bot.objects.get(pk=bot.pk)


def written(bot: Bot, *said: str, provider: str = "telegram", api: StubResponse | None = None) -> list[Any]:
    """Return a conversation as it goes now."""
    question, steps = Question(provider, "", response=api), []
    for text in said:
        kind = Kind.BUTTON if text.startswith("go") else Kind.TEXT
        played = play(bot, replace(question, text=text, kind=kind))
        question = played.after
        steps.append(played.step.as_json())
    return steps


def make_test(bot: Bot, **values: Any) -> ConversationTest:
    defaults: dict[str, Any] = {"name": "order", "provider": "telegram", "steps": []}
    return ConversationTest.objects.create(bot=bot, **{**defaults, **values})


def result(bot: Bot, **values: Any) -> Result:
    make_test(bot, **values)
    fresh = Bot.objects.get(pk=bot.pk)
    (found,) = run(fresh, fresh.conversation_tests.all())
    return found


GO = f"go {'x' * 80}"


@pytest.mark.parametrize("provider", ["telegram", "kik", "messenger", "web"])
def test_a_conversation_that_goes_as_before_passes(bot: Bot, provider: str) -> None:
    steps = written(bot, "hello", GO, provider=provider, api=StubResponse(200, {"name": "Ann"}))
    assert [step["state"] for step in steps] == ["menu", "menu"]
    assert steps[1]["api"] == {"status": 200, "data": {"name": "Ann"}}
    assert "api" not in steps[0]
    found = result(bot, steps=steps, provider=provider)
    assert (found.passed, found.diff) == (True, "")


def test_a_button_is_written_with_its_whole_data(bot: Bot) -> None:
    (step,) = written(bot, "hello")
    assert step["messages"] == [
        {"text": "Hi", "buttons": [[{"label": "Go", "data": GO}, {"label": "no", "data": "no"}]]}
    ]


def test_a_broken_handler_is_told_by_a_diff(bot: Bot) -> None:
    steps = written(bot, "hello", GO, api=StubResponse(200, {"name": "Ann"}))
    change_handler(
        bot.handlers.get(pattern="^hello$"), {"response": {"text_template": "Hey\nyou"}, "target_state": "x"}
    )
    found = result(bot, steps=steps)
    assert not found.passed
    assert found.diff.splitlines() == [
        "--- order: expected",
        "+++ order: answered",
        "@@ -1,8 +1,11 @@",
        " > hello",
        "-< Hi",
        "+< Hey",
        "+  you",
        f"   [Go = {GO}] [no]",
        "-  state: menu",
        "+  state: x",
        "+  ! answered by handler",
        f" > press: {GO}",
        " < Ann",
        "   is 80",
        "-  state: menu",
        "+  state: x",
        "+  ! answered by handler",
    ]


def test_an_error_in_a_template_is_told(bot: Bot) -> None:
    steps = written(bot, "hello")
    handler: Handler = bot.handlers.get(pattern="^hello$")
    handler.response.text_template = "{{ 1 // (pattern.zero|int) }}"
    handler.response.save()
    found = result(bot, steps=steps)
    assert "+  (no answer)" in found.diff
    assert "+  ! text: " in found.diff


def test_a_button_that_opens_an_address_is_told_with_it(bot: Bot) -> None:
    make_handler(bot, "^site$", "Here", keyboard="[[('site', 'https://example.com/')]]")
    steps = written(Bot.objects.get(pk=bot.pk), "site")
    bot.handlers.all().delete()
    assert "-  [site → https://example.com/]" in result(bot, steps=steps).diff


def test_no_handler_is_told(bot: Bot) -> None:
    steps = written(bot, "hello")
    bot.handlers.all().delete()
    assert "+  ! no handler answers" in result(bot, steps=steps).diff


def test_the_api_is_never_called(bot: Bot) -> None:
    steps = written(bot, "hello", GO, api=StubResponse(200, {"name": "Ann"}))
    del steps[1]["api"]
    found = result(bot, steps=steps)
    assert "+  ! the API: the test has no answer of the API for this step" in found.diff


def test_a_conversation_begins_in_a_state(bot: Bot) -> None:
    make_handler(bot, "^where$", "in the menu", source_states=["menu"])
    state: StateDefinition = bot.states.get().definition()
    fresh = Bot.objects.get(pk=bot.pk)
    step = play(fresh, Question("telegram", "where", state=state)).step.as_json()
    assert step["messages"] == [{"text": "in the menu"}]
    assert result(bot, steps=[step], state="Menu").passed


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"provider": "pigeon"}, "there is no messenger 'pigeon'"),
        ({"state": "nowhere"}, "the bot has no state 'nowhere'"),
    ],
)
def test_a_test_that_cannot_be_run_says_why(bot: Bot, values: Any, problem: str) -> None:
    found = result(bot, **values)
    assert (found.passed, found.problem) == (False, problem)


def test_running_stores_nothing(bot: Bot) -> None:
    make_test(bot, steps=written(bot, "hello", GO, api=StubResponse(200, {"name": "Ann"})))
    before = database()
    run(bot, bot.conversation_tests.all())
    assert database() == before


def test_a_run_without_an_end_comes_to_all(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"CONVERSATION_TEST_TIMEOUT": 1e-9}
    make_test(bot, steps=written(bot, "hello"))
    assert command("shop") == "shop, order: passed\n1 tests passed.\n"


# --- the command ------------------------------------------------------------------------------------------------------


def command(*bots: str) -> str:
    out = StringIO()
    try:
        call_command("permabots_test", *bots, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error} ({error.returncode})"
    return out.getvalue()


def test_the_command_runs_the_tests_of_the_named_bots(bot: Bot) -> None:
    make_test(bot, steps=written(bot, "hello"))
    make_test(make_bot(name="other"), provider="pigeon")
    assert command("shop") == "shop, order: passed\n1 tests passed.\n"
    assert command(str(bot.pk)) == command("shop")


def test_the_command_fails_with_the_diff(bot: Bot) -> None:
    make_test(bot, steps=written(bot, "hello"))
    make_test(bot, name="elsewhere", provider="pigeon")
    change_handler(bot.handlers.get(pattern="^hello$"), {"response": {"text_template": "Hey"}})
    said = command()
    assert "shop, order: FAILED\n--- order: expected\n" in said
    assert "-< Hi\n+< Hey\n" in said
    assert "shop, elsewhere: FAILED\nthere is no messenger 'pigeon'\n" in said
    assert said.endswith("2 of 2 tests failed. (1)")


def test_the_command_knows_no_such_bot(db: None) -> None:
    assert command("nobody") == "no bot has the id or name 'nobody' (1)"
