"""A notification: what a hook says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from permabots.engine.definitions import (
    HookDefinition,
    ResponseDefinition,
    VariableDefinition,
)
from permabots.engine.turn_values import Outcome
from permabots.values import Answer, Button
from tests.engine.turns import bot

# Notifications


def hook(text: str, keyboard: str = "") -> HookDefinition:
    return HookDefinition("k", "hook", ResponseDefinition(text, keyboard))


def test_a_notification_is_rendered_with_data_environment_and_emoji() -> None:
    compiled = bot(variables=(VariableDefinition("shop", "Shop"),))
    outcome = compiled.notify(hook(r"{{ data.n }} {{ env.shop }}\n{{ emoji.slice_of_pizza }}", "['a']"), {"n": "<1>"})
    assert outcome == Outcome(
        None, Answer(("&lt;1&gt; Shop", "\N{SLICE OF PIZZA}"), ((Button("a", "a"),),)), None, None, outcome.trace
    )
    assert outcome.trace["texts"] == ["&lt;1&gt; Shop", "\N{SLICE OF PIZZA}"]
    assert list(outcome.trace["ms"]) == ["render"]


def test_a_notification_sees_nothing_of_a_chat() -> None:
    outcome = bot().notify(hook("{{ service }}{{ message }}{{ pattern }}{{ response }}{{ state_context }}x"), {})
    assert outcome.answer.texts == ("x",)
    assert outcome.trace["undefined"] == ["service", "message", "pattern", "response", "state_context"]


def test_an_empty_notification_is_told() -> None:
    outcome = bot().notify(hook("{{ data.nothing }}"), {})
    assert (outcome.answer, outcome.trace["notes"]) == (Answer(), ["the text is empty: nothing is sent"])


def test_an_error_in_a_notification_is_told() -> None:
    outcome = bot().notify(hook("x", "['a'"), {})
    assert outcome.answer == Answer()
    assert outcome.trace["error"]["where"] == "keyboard"


@pytest.mark.parametrize(
    ("template", "names", "place"),
    [("{{ data.who|join(',') }}", "Ann,Bob", None), ("{{ 1 // 0 }}", "", "recipients")],
)
def test_a_hooks_template_names_those_whom_it_tells(template: str, names: str, place: str | None) -> None:
    found, trace = bot().name_recipients(replace(hook("x"), recipients_template=template), {"who": ["Ann", "Bob"]})
    assert (found, trace.get("error", {}).get("where")) == (names, place)
