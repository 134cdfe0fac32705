"""The differences from stock Jinja, and the entries of a trace, are as the documentation shows them."""

from __future__ import annotations

import json
from typing import Any

import jinja2
import pytest

from permabots.engine.definitions import (
    BotDefinition,
    HandlerDefinition,
    RequestDefinition,
    ResponseDefinition,
    StateDefinition,
)
from permabots.engine.http.responses import ApiResponse
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits, TurnInput
from tests.docs.bot import ADDRESS, DocsBot
from tests.docs.pages import block, literals, table, words
from tests.docs.test_templates import docs_bot as docs_bot
from tests.docs.test_templates import leaves

STOCK = jinja2.Environment(autoescape=False)  # noqa: S701 - the differences are from this
CONTEXT = json.loads(block("templates", "language-context"))


@pytest.mark.parametrize("row", table("differences", "stock-jinja"), ids=lambda row: row[1])
def test_a_difference_from_stock_jinja_is_as_shown(docs_bot: DocsBot, row: list[str]) -> None:
    _, example, here, there = row
    template = literals(example)[0]
    line = " (line 1)"  # of what is refused when it is saved, too
    assert [it.removesuffix(line) for it in ours(docs_bot, template)] == [
        it.removesuffix(line) for it in literals(here)
    ]
    try:
        stock = STOCK.from_string(template).render(CONTEXT).strip()
    except Exception:  # noqa: BLE001 - whatever Jinja and Python raise
        assert there == "an error"
        return
    if there == "Python's own view":
        assert stock.startswith("<")
    else:
        assert ([stock] if stock else []) == literals(there)


def ours(docs_bot: DocsBot, template: str) -> list[str]:
    """Return what a bot answers, the reason why it cannot, or why it cannot be saved."""
    saved = docs_bot.save(text=template)
    if saved.status_code == 400:
        return leaves(saved.json())[:1]
    shown = docs_bot.answer(CONTEXT, text=template)
    error = shown["trace"].get("error")
    return [error["message"]] if error else shown["texts"]


class AnsweringApi:
    """Answers every call of a turn with a status."""

    def __init__(self, status: int) -> None:
        self._status = status

    def call(self, _prepared: Any, _idempotency_key: str) -> ApiResponse:
        return ApiResponse(self._status)


def test_every_entry_of_a_trace_is_told() -> None:
    state = StateDefinition("1", "Shop")
    request = RequestDefinition(ADDRESS)
    handlers = (
        HandlerDefinition("1", "off", "x", ResponseDefinition("x"), enabled=False),
        HandlerDefinition("2", "on", "(?P<a>x)", ResponseDefinition("{{ no }}y", "['k']"), request, state),
        HandlerDefinition("3", "bad", "b", ResponseDefinition("{{ 1 / 0 }}")),
    )
    bot = CompiledBot(BotDefinition("1", 1, handlers), EngineLimits())
    keys: set[str] = {"late"}  # added by the pipeline
    for text, status in (("x", 200), ("x", 500), ("b", 200)):
        api: Any = AnsweringApi(status)
        keys |= bot.answer(TurnInput("telegram", text, {}, None, {}, "key"), api).trace.keys()
    assert words("handlers", "trace-keys") == keys
