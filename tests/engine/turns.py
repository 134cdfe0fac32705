"""Turns of a bot whose API is a real server on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from permabots.engine.definitions import (
    BotDefinition,
    HandlerDefinition,
    ResponseDefinition,
    StateDefinition,
    VariableDefinition,
)
from permabots.engine.http.client import RequestLimits, UserApi
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, Outcome, TurnInput
from permabots.values import Json

MENU, DETAIL, OTHER = StateDefinition("1", "Main Menu"), StateDefinition("2", "detail"), StateDefinition("3", "other")


@pytest.fixture
def api() -> Iterator[UserApi]:
    client = UserApi(RequestLimits(timeout=5.0, allowed_hosts=("127.0.0.1",)))
    yield client
    client.close()


def handler(pattern: str, text: str = "x", keyboard: str = "", **fields: Any) -> HandlerDefinition:
    return HandlerDefinition(
        fields.pop("id", "h"), f"on {pattern}", pattern, ResponseDefinition(text, keyboard), **fields
    )


def bot(*handlers: HandlerDefinition, variables: tuple[VariableDefinition, ...] = ()) -> CompiledBot:
    return CompiledBot(BotDefinition("b", 1, handlers, variables), EngineLimits())


def turn(text: str, state: StateDefinition | None = None, contexts: Mapping[str, Json] | None = None) -> TurnInput:
    message = {"message": {"text": text, "from_user": {"first_name": "Ann & Bob"}}}
    return TurnInput("telegram", text, message, state, contexts or {}, "permabots-1")


def answered(api: UserApi, text: str, template: str, **fields: Any) -> Outcome:
    """Return what a bot of one handler, for any text, makes of a message."""
    return bot(handler("", template, **fields)).answer(turn(text), api)
