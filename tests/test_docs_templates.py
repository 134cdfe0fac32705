"""The templates that the documentation shows give what it says, through the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from permabots.engine.answers import ApiResponse
from permabots.engine.definitions import (
    BotDefinition,
    HandlerDefinition,
    RequestDefinition,
    ResponseDefinition,
    StateDefinition,
    VariableDefinition,
)
from permabots.engine.prepared import PreparedCall
from permabots.engine.turn import CompiledBot, EngineLimits, Outcome, TurnInput
from permabots.messages import Json
from tests.docs_pages import block, literals, table, words


@dataclass
class RecordingApi:
    """Answers every call of a turn with what an example says."""

    response: ApiResponse
    calls: list[PreparedCall] = field(default_factory=list)

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        self.calls.append(prepared)
        return self.response


def turn(
    context: Mapping[str, Json], text: str = "x", keyboard: str = "", request: RequestDefinition | None = None
) -> tuple[Outcome, list[PreparedCall]]:
    """Run one turn in which the templates see an example's context."""
    pattern = {name: value for name, value in context.get("pattern", {}).items() if value is not None}
    expression = "".join(f"(?P<{name}>{re.escape(value)})" for name, value in pattern.items())
    missing = "".join(f"(?P<{name}>\x00)?" for name in context.get("pattern", {}) if name not in pattern)
    answered = context.get("response")
    if answered and request is None:
        request = RequestDefinition("https://api.example.com/")
    handler = HandlerDefinition("1", "example", expression + missing, ResponseDefinition(text, keyboard), request)
    variables = tuple(VariableDefinition(key, value) for key, value in context.get("env", {}).items())
    bot = CompiledBot(BotDefinition("1", 1, (handler,), variables), EngineLimits())
    api: Any = RecordingApi(ApiResponse(**(answered or {"status": 200})))
    contexts = context.get("state_context", {})
    incoming = TurnInput("telegram", "".join(pattern.values()), context.get("message", {}), None, contexts, "key")
    return bot.answer(incoming, api), api.calls


def examples(name: str) -> list[tuple[str, dict[str, Json], list[str]]]:
    return [
        (literals(template)[0], json.loads(literals(context)[0]), literals(result))
        for template, context, result in table("templates", name)
    ]


@pytest.mark.parametrize(("template", "context", "messages"), examples("text-examples"))
def test_a_text_is_rendered_as_shown(template: str, context: dict[str, Json], messages: list[str]) -> None:
    outcome, _ = turn(context, template)
    assert list(outcome.answer.texts) == messages


@pytest.mark.parametrize(("template", "context", "rows"), examples("keyboard-examples"))
def test_a_keyboard_is_rendered_as_shown(template: str, context: dict[str, Json], rows: list[str]) -> None:
    outcome, _ = turn(context, "x", template)
    shown = [
        [f"{it.label} ⇒ {it.url}" if it.url else f"{it.label} → {it.data}" for it in row]
        for row in outcome.answer.keyboard
    ]
    assert shown == json.loads(rows[0])


@pytest.mark.parametrize(("template", "context", "addresses"), examples("url-examples"))
def test_an_address_is_rendered_as_shown(template: str, context: dict[str, Json], addresses: list[str]) -> None:
    _, calls = turn(context, request=RequestDefinition(template))
    assert [call.address for call in calls] == addresses


@pytest.mark.parametrize(("template", "context", "bodies"), examples("data-examples"))
def test_data_is_rendered_as_shown(template: str, context: dict[str, Json], bodies: list[str]) -> None:
    _, (call,) = turn(context, request=RequestDefinition("https://api.example.com/", "Post", template))
    assert json.loads(call.body or b"") == json.loads(bodies[0])


@pytest.mark.parametrize("row", table("templates", "error-examples"), ids=lambda row: row[0])
def test_a_mistake_is_told_as_shown(row: list[str]) -> None:
    outcome, _ = turn({}, literals(row[0])[0])
    assert outcome.answer.texts == ()
    assert outcome.trace["error"]["message"] == literals(row[1])[0]


@pytest.mark.parametrize("line", block("templates", "now").splitlines())
def test_the_dates_of_the_page_can_be_written(line: str) -> None:
    outcome, _ = turn({}, line)
    assert "error" not in outcome.trace
    assert len(outcome.answer.texts) == 1


def test_every_entry_of_a_trace_is_told() -> None:
    state = StateDefinition("1", "Shop")
    request = RequestDefinition("https://api.example.com/")
    handlers = (
        HandlerDefinition("1", "off", "x", ResponseDefinition("x"), enabled=False),
        HandlerDefinition("2", "on", "(?P<a>x)", ResponseDefinition("{{ no }}y", "['k']"), request, state),
        HandlerDefinition("3", "bad", "b", ResponseDefinition("{{ 1 / 0 }}")),
    )
    bot = CompiledBot(BotDefinition("1", 1, handlers), EngineLimits())
    keys: set[str] = {"late"}  # added by the pipeline
    for text, status in (("x", 200), ("x", 500), ("b", 200)):
        api: Any = RecordingApi(ApiResponse(status))
        keys |= bot.answer(TurnInput("telegram", text, {}, None, {}, "key"), api).trace.keys()
    assert words("handlers", "trace-keys") == keys
