"""Matching is a plain loop of `re`, only faster."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition
from permabots.engine.matching import Matcher
from permabots.engine.patterns.tree import quietly
from tests.engine.pattern_grammar import samples

STATES = ["s", "t"]
BROKEN = ["(", "a**", "[b-a]"]


@st.composite
def bots(draw: st.DrawFn) -> tuple[list[HandlerDefinition], str]:
    """Return handlers and a text that some of them may match."""
    pairs = draw(st.lists(samples(), min_size=1, max_size=5))
    patterns = [pattern for pattern, _ in pairs] + draw(st.lists(st.sampled_from(BROKEN), max_size=1))
    handlers = [
        HandlerDefinition(
            str(index),
            f"handler {index}",
            pattern,
            ResponseDefinition("ok"),
            source_states=draw(st.frozensets(st.sampled_from(STATES), max_size=1)),
            enabled=draw(st.sampled_from([True, True, True, False])),
        )
        for index, pattern in enumerate(draw(st.permutations(patterns)))
    ]
    return handlers, draw(st.sampled_from([text for _, text in pairs]))


def plain_loop(
    handlers: list[HandlerDefinition], text: str, state: str | None
) -> tuple[str | None, dict[str, str | None]]:
    for handler in handlers:
        if (
            handler.enabled
            and handler.pattern not in BROKEN
            and (not handler.source_states or state in handler.source_states)
        ):
            match = quietly(re.compile, handler.pattern).search(text)
            if match:
                return handler.id, match.groupdict()
    return None, {}


@settings(max_examples=200, deadline=None)
@given(bot=bots(), state=st.sampled_from([None, *STATES]))
def test_the_winner_and_its_groups_are_those_of_a_plain_loop(
    bot: tuple[list[HandlerDefinition], str], state: str | None
) -> None:
    handlers, text = bot
    match = Matcher(handlers, timeout=60.0).find(text, state)
    assert (match.handler and match.handler.id, match.groups) == plain_loop(handlers, text, state)
    before = handlers.index(match.handler) if match.handler else len(handlers)
    assert [rejection.handler_id for rejection in match.rejected] == [each.id for each in handlers[:before]]
    assert match.rejected_total == before
