"""Conversation tests over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from permabots.models import Bot, ConversationTest
from permabots.pipeline.authoring.configuration import change_handler
from permabots.pipeline.authoring.conversation_tests import LATE
from tests.api.conftest import Api
from tests.api.traffic.client import tables
from tests.factories import make_bot, make_handler, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

STEP = {"said": "hello", "messages": [{"text": "Hi", "buttons": [[{"label": "a", "data": "a"}]]}], "state": None}
TEST = {"name": "welcome", "provider": "telegram", "steps": [STEP]}


@pytest.fixture
def bot(db: None) -> Bot:
    bot = make_bot()
    make_handler(bot, "^hello$", "Hi", keyboard="['a']")
    return bot


@dataclass
class Tests:
    """Calls about the tests of a bot.

    Args:
        bot: whose.
        api: who calls.
    """

    __test__ = False
    bot: Bot
    api: Api

    def get(self, path: str = "") -> Any:
        return self.api.get(f"bots/{self.bot.pk}/tests/{path}")

    def post(self, path: str = "", body: Any = None) -> Any:
        return self.api.post(f"bots/{self.bot.pk}/tests/{path}", body)


@pytest.fixture
def api(bot: Bot) -> Tests:
    return Tests(bot, Api(bot.owner))


def test_a_test_is_made_and_listed(api: Tests) -> None:
    made = api.post("", TEST)
    assert made.status_code == 201, made.json()
    assert {name: made.json()[name] for name in ("name", "provider", "state", "steps")} == {**TEST, "state": None}
    assert api.get().json() == [made.json()]
    assert api.get(f"{made.json()['id']}/").json() == made.json()


@pytest.mark.parametrize(
    ("change", "field", "error"),
    [
        ({"provider": "pigeon"}, "provider", "not a valid choice"),
        ({"steps": [{"said": "x"}]}, "steps", "messages"),
        ({"steps": [{**STEP, "pressed": "x"}]}, "steps", "step 1: it has either said or pressed."),
        ({"steps": [{**STEP, "api": {"status": 7}}]}, "steps", "An answer has a status"),
        ({"steps": {}}, "steps", "list of items"),
        ({"steps": None}, "steps", "may not be null"),
        ({"name": ""}, "name", "may not be blank"),
        ({"state": "x" * 256}, "state", "255"),
    ],
)
def test_what_is_no_test_is_refused_at_its_field(api: Tests, change: Any, field: str, error: str) -> None:
    answer = api.post("", {**TEST, **change})
    assert answer.status_code == 400
    assert error in str(answer.json()[field])


def test_a_name_is_taken_once(api: Tests) -> None:
    api.post("", TEST)
    answer = api.post("", TEST)
    assert (answer.status_code, answer.json()) == (400, {"name": ["The bot has a test of this name already."]})


def test_all_tests_of_the_bot_are_run(api: Tests, bot: Bot) -> None:
    api.post("", TEST)
    test = ConversationTest.objects.get()
    ConversationTest.objects.create(bot=make_bot(owner=bot.owner), name="another bot's", provider="telegram")
    result = {"id": str(test.pk), "name": "welcome", "passed": True, "diff": "", "problem": ""}
    answer = api.post("run/")
    assert (answer.status_code, answer.json()) == (200, {"passed": True, "failed": 0, "tests": [result]})


def test_a_broken_handler_fails_with_a_diff_and_nothing_is_stored(api: Tests, bot: Bot) -> None:
    api.post("", TEST)
    change_handler(bot.handlers.get(), {"response": {"text_template": "Hey"}})
    before = tables()
    found = api.post("run/").json()
    assert (found["passed"], found["failed"]) == (False, 1)
    assert found["tests"][0]["diff"].splitlines()[:6] == [
        *("--- welcome: expected", "+++ welcome: answered", "@@ -1,4 +1,5 @@", " > hello", "-< Hi", "+< Hey"),
    ]
    assert tables() == before


def test_one_test_is_run_by_its_id(api: Tests) -> None:
    chosen = api.post("", TEST).json()["id"]
    api.post("", {**TEST, "name": "second"})
    assert [result["id"] for result in api.post(f"run/?test={chosen}").json()["tests"]] == [chosen]


def test_a_test_of_another_bot_is_not_there(api: Tests, bot: Bot) -> None:
    other = ConversationTest.objects.create(bot=make_bot(owner=bot.owner), name="x", provider="telegram")
    answer = api.post(f"run/?test={other.pk}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("query", ["test=first", "tests=0b6f3a52-6c1e-4f0a-9d51-5c1de1a3d6f4"])
def test_a_choice_that_cannot_be_understood_runs_nothing(api: Tests, query: str) -> None:
    api.post("", TEST)
    answer = api.post(f"run/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [query.partition("=")[0]])


def test_a_run_ends_when_its_time_is_over_and_says_so(api: Tests, settings: Any) -> None:
    api.post("", TEST)
    settings.PERMABOTS = {"CONVERSATION_TEST_TIMEOUT": 1e-9}
    found = api.post("run/").json()
    assert (found["passed"], found["failed"]) == (False, 1)
    assert (found["tests"][0]["diff"], found["tests"][0]["problem"]) == ("", LATE)


def test_for_others_there_are_no_tests(api: Tests, bot: Bot) -> None:
    test = api.post("", TEST).json()["id"]
    stranger = Tests(bot, Api(make_user()))
    for answer in (stranger.get(), stranger.get(f"{test}/"), stranger.post("run/")):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
