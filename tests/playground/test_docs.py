"""The page of the documentation is true."""

from __future__ import annotations

import json

import pytest

from permabots.admin.playground.session import MAX_AGE, MAX_CHARS
from permabots.engine.test_steps import MOST_STEPS, read
from permabots.models import Bot, ConversationTest
from permabots.pipeline.authoring.configuration import change_handler
from permabots.pipeline.authoring.conversation_tests import Result, run
from tests.docs.pages import block, page, words
from tests.factories import make_bot, make_handler


@pytest.mark.django_db
def test_the_example_passes_until_its_handler_is_changed_and_then_shows_the_diff() -> None:
    bot = make_bot()
    keyboard = "[['Tea', 'Coffee']]"
    asks = make_handler(
        bot, "^/start$", "What would you like?", name="welcome", target_state="asked", keyboard=keyboard
    )
    api = {"url_template": "http://127.0.0.1:9/"}
    make_handler(bot, "^(Tea|Coffee)$", "Your {{ response.data.drink }}!", request=api)
    ConversationTest.objects.create(bot=bot, **json.loads(block("playground", "test")))
    assert [result.diff for result in results(bot)] == [""]
    change_handler(asks, {"response": {"text_template": "What will it be?"}})
    assert [result.diff for result in results(bot)] == [block("playground", "diff")]


def results(bot: Bot) -> list[Result]:
    return run(Bot.objects.get(pk=bot.pk), bot.conversation_tests.all())


def test_the_parts_of_a_step_are_told() -> None:
    steps = read(json.loads(block("playground", "test"))["steps"])
    assert words("playground", "step") == {key for step in steps for key in step.as_json()}


def test_the_limits_are_told() -> None:
    text = " ".join(page("playground").split())
    assert f"after {MOST_STEPS} messages, or when it has become larger than {MAX_CHARS:,} characters" in text
    assert (MAX_AGE, "After a day," in text) == (24 * 3600, True)
