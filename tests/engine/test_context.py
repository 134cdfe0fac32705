"""What templates see."""

from __future__ import annotations

from permabots.engine.context import environment, hook_context, turn_context
from permabots.engine.definitions import BotDefinition, VariableDefinition
from permabots.engine.templates.emoji import EMOJI


def test_variables_are_found_by_key_secret_or_not() -> None:
    variables = (VariableDefinition("shop", "Shop"), VariableDefinition("token", "s3cret", secret=True))
    assert environment(BotDefinition("1", 1, variables=variables)) == {"shop": "Shop", "token": "s3cret"}


def test_a_handler_sees_everything_of_its_turn() -> None:
    context = turn_context("kik", {"body": "x"}, {"_start": {"pattern": {}, "response": {}}}, {"n": None}, {"a": "1"})
    assert context == {
        "service": "kik",
        "state_context": {"_start": {"pattern": {}, "response": {}}},
        "pattern": {"n": None},
        "env": {"a": "1"},
        "message": {"body": "x"},
        "emoji": EMOJI,
        "response": {},
    }


def test_a_hook_sees_its_data_and_nothing_of_any_chat() -> None:
    assert hook_context([1], {"a": "1"}) == {"env": {"a": "1"}, "data": [1], "emoji": EMOJI}
