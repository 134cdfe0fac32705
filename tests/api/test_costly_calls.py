"""Calls by which one author could hold a web process for minutes, each bounded; and errors that were pages in HTML."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import OperationalError, connection

from permabots import nearest_names
from permabots.models import Bot, ConversationTest
from permabots.pipeline.authoring.conversation_tests import MOST_LINES, run
from tests.api.conftest import Api
from tests.factories import make_handler

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

LONG = "{% for a in range(300) %}{% for b in range(300) %}{% set x = a * b %}{% endfor %}{% endfor %}hi"


def shuffled(number: int) -> str:
    """Return a name that is as hard to compare with its like as any."""
    letters = ["a"] * 100 + ["b"] * 99
    random.Random(number).shuffle(letters)
    return "".join(letters)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of names that each look for the nearest compares with."""
    found: list[int] = []

    def noting(name: str, known: list[str], **values: Any) -> list[str]:
        assert all(len(text) <= nearest_names.LONGEST for text in (name, *known))
        found.append(len(known))
        return []

    monkeypatch.setattr(nearest_names, "get_close_matches", noting)
    return found


def test_names_that_take_long_to_compare_are_not_compared(api: Api, base: str, bot: Bot, compared: list[int]) -> None:
    for number in range(3):
        api.post(base + "states/", {"name": shuffled(number)})
        api.post(base + "env/", {"key": shuffled(number), "value": "x"})
    text = "".join(f"{{{{ env.{shuffled(number)} }}}}" for number in range(10, 14))
    handler = {"name": "h", "pattern": "x", "response": {"text_template": text}}
    answer = api.post(base + "handlers/", {**handler, "source_states": [{"name": shuffled(n)} for n in range(20, 24)]})
    assert answer.status_code == 201
    assert len(answer.json()["warnings"]) == 8
    assert compared == []


def test_only_the_first_of_many_unknown_names_are_compared(api: Api, base: str, compared: list[int]) -> None:
    names = [{"name": f"state {number}"} for number in range(30)]
    api.post(base + "states/", {"name": "stage"})
    handler = {"name": "h", "pattern": "x", "response": {"text_template": "x"}, "source_states": names}
    assert len(api.post(base + "handlers/", handler).json()["warnings"]) == 30
    assert len(compared) == nearest_names.MOST_NAMES


def test_a_token_names_so_many_bots_and_no_more(api: Api, bot: Bot) -> None:
    asked = {"name": "t", "scopes": ["read"], "all_bots": False, "bots": [str(bot.pk)] * 500}
    answer = api.post("tokens/", asked)
    assert (answer.status_code, list(answer.json())) == (400, ["bots"])


def test_a_text_that_takes_long_is_not_checked_when_it_is_posted(api: Api, base: str) -> None:
    made = api.post(base + "hooks/", {"name": "h", "strict": True, "response": {"text_template": LONG}}).json()
    answer = api.post(f"/processing/hook/{made['key']}/", {})
    assert answer.status_code == 200
    assert "was not checked" in " ".join(answer.json()["warnings"])


def test_the_difference_of_many_lines_is_of_those_around_the_first(api: Api, base: str, bot: Bot) -> None:
    make_handler(bot, "long", "{% for n in range(900) %}a\n{% endfor %}end")
    step = {"said": "long", "messages": [{"text": "b\n" * 5000}], "state": None}
    saved = api.post(base + "tests/", {"name": "t", "provider": "telegram", "state": None, "steps": [step]})
    assert saved.status_code == 201
    (result,) = run(bot, ConversationTest.objects.all())
    lines = result.diff.splitlines()
    assert lines[0] == f"(of many lines, {MOST_LINES} from line 1 on)"
    assert len(lines) <= 2 * MOST_LINES + 10


@pytest.mark.parametrize("path", ["/processing/hook/%00/", "bots/a%0ab/", "tokens/%0d%0aX/", "bots/%00/"])
def test_an_address_of_odd_characters_is_a_404_in_json(api: Api, path: str) -> None:
    answer = api.post(path, {})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_a_database_that_is_busy_is_a_503_in_json(api: Api, base: str, bot: Bot) -> None:
    def busy(execute: Any, sql: str, *rest: Any) -> Any:
        if "permabots_handler" in sql:
            raise OperationalError("canceling statement due to lock timeout")
        return execute(sql, *rest)

    with connection.execute_wrapper(busy):
        answer = api.get(base + "handlers/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json() == {"detail": "The database is busy or away. Nothing was changed: try again."}
