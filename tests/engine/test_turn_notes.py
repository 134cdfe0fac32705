"""What a turn notes of its texts: links that open nothing, undefined names; each shortened, bounded, redacted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from permabots.engine.definitions import BotDefinition, HandlerDefinition, ResponseDefinition, VariableDefinition
from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.templates.budget import MAX_UNDEFINED
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, Outcome, TurnInput
from permabots.values import Answer, Json


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0))
    yield client
    client.close()


def answered(api: UserApi, template: str, text: str = "x", keyboard: str = "") -> Outcome:
    handler = HandlerDefinition("h", "any", "(?P<all>(?s:.*))", ResponseDefinition(template, keyboard))
    variables = (VariableDefinition("secret", "s3cr3t-value", secret=True),)
    message: dict[str, Json] = {"message": {"text": text}}
    turn = TurnInput("telegram", text, message, None, {}, "key")
    return CompiledBot(BotDefinition("b", 1, (handler,), variables), EngineLimits()).answer(turn, api)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("javascript:alert(1)", "no link can lead to 'javascript:alert(1)': its words are sent without it"),
        ("data:" + "x" * 500, f"no link can lead to {'data:' + 'x' * 95!r}: its words are sent without it"),
        ("x:s3cr3t-value", "no link can lead to 'x:[secret]': its words are sent without it"),
        (
            "x:" + "y" * 92 + "s3cr3t-value",
            f"no link can lead to {'x:' + 'y' * 92 + '[secre'!r}: its words are sent without it",
        ),
    ],
)
def test_a_link_that_opens_nothing_is_noted(api: UserApi, text: str, note: str) -> None:
    outcome = answered(api, '<a href="{{ pattern.all }}">words</a>', text)
    assert outcome.answer == Answer(("words",))
    assert outcome.trace["notes"] == [note]


def test_a_link_that_opens_is_not_noted(api: UserApi) -> None:
    outcome = answered(api, '<a href="{{ pattern.all }}">words</a>', "http://x")
    assert outcome.answer == Answer(('<a href="http://x">words</a>',))
    assert "notes" not in outcome.trace


def test_no_more_than_a_few_links_are_noted(api: UserApi) -> None:
    outcome = answered(api, "{% for i in range(99) %}<a href='x:{{ i }}'>t</a>{% endfor %}")
    assert len(outcome.trace["notes"]) == 10


def test_no_more_than_some_undefined_names_are_noted_each_shortened(api: UserApi) -> None:
    names = "{% for i in range(99) %}{{ pattern['n' ~ i] }}{% endfor %}{{ pattern.all }}"
    outcome = answered(api, "{{ " + "a" * 300 + " }}" + names)
    assert len(outcome.trace["undefined"]) == MAX_UNDEFINED
    assert outcome.trace["undefined"][:2] == ["a" * 100, "pattern.n0"]


def test_names_of_the_text_and_of_the_keyboard_are_noted_together(api: UserApi) -> None:
    outcome = answered(api, "x{{ a }}{{ b.c }}", keyboard="[['y{{ a }}{{ d }}']]")
    assert outcome.trace["undefined"] == ["a", "b.c", "d"]


@pytest.mark.parametrize(("breaks", "joined"), [(20, 0), (21, 2), (33_000, 32_981)])
def test_an_answer_is_parted_into_twenty_messages_and_the_rest_is_joined(
    api: UserApi, breaks: int, joined: int
) -> None:
    outcome = answered(api, r"{{ ('m' ~ '\\n') * " + str(breaks) + " }}")
    assert outcome.answer.texts[:19] == ("m",) * 19
    assert "".join(outcome.answer.texts).count("m") == breaks
    assert len(outcome.answer.texts) == 20
    note = f"too many messages: the last {joined} are joined to one"
    assert outcome.trace.get("notes", []) == ([note] if joined else [])
