"""Which handlers can never be chosen, and which states no chat comes to: only what is certain."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition, StateDefinition
from permabots.engine.matching import Matcher
from permabots.engine.reachability import Unreachable, matches_every_text, reach


def handler(name: str, pattern: str = "x", sources: str = "", target: str = "", **values: Any) -> HandlerDefinition:
    """Return a handler; states have ids of one letter."""
    state = StateDefinition(target, target.upper()) if target else None
    return HandlerDefinition(name, name, pattern, ResponseDefinition("x"), None, state, frozenset(sources), **values)


@pytest.mark.parametrize(
    "pattern", ["", ".*", "^.*", ".*?", "(?s)^.*", "(?P<all>.*)", "(a|b?)", "^(x?){2}", "(?m)^", "a*"]
)
def test_a_pattern_that_is_found_in_every_text(pattern: str) -> None:
    assert matches_every_text(pattern)


@pytest.mark.parametrize(
    "pattern",
    [".+", "^.*$", "$", "(?!x)", "(?>a*)", "a*+", r"\b", "a", "(a|b)", "a+", "(a+)+$", "(x*)*", "(", r"(a)?\1", "^x?$"],
)
def test_a_pattern_that_may_not_be_found(pattern: str) -> None:
    assert not matches_every_text(pattern)


def test_states_are_reached_step_by_step() -> None:
    found = reach([handler("2", sources="a", target="b"), handler("1", "y", target="a"), handler("3", sources="b")])
    assert (found.states, found.unreachable) == ({"a", "b"}, {})


def test_a_state_that_nothing_leads_to_is_not_reached_nor_what_answers_there() -> None:
    found = reach([handler("1", sources="a", target="b"), handler("2", "y", sources="bc", target="d"), handler("3")])
    assert found.states == set()
    assert found.unreachable == {"1": Unreachable("unreached"), "2": Unreachable("unreached")}


def test_a_state_with_chats_in_it_is_reached() -> None:
    assert reach([handler("1", sources="a", target="b")], {"a"}).states == {"a", "b"}


def test_a_handler_that_is_never_chosen_leads_nowhere() -> None:
    found = reach([handler("off", target="a", enabled=False), handler("bad", "(", target="b")])
    assert found.states == set()
    assert found.unreachable == {"off": Unreachable("disabled"), "bad": Unreachable("broken")}


EVERYWHERE = handler("all", ".*")


@pytest.mark.parametrize(
    ("before", "later", "by"),
    [
        ([EVERYWHERE], handler("1"), "all"),
        ([EVERYWHERE], handler("1", sources="a"), "all"),
        ([handler("same", "x")], handler("1"), "same"),
        ([handler("in a", ".*", sources="ab")], handler("1", sources="a"), "in a"),
        ([handler("in a", ".*", sources="a"), handler("in b", ".*", sources="b")], handler("1", sources="ab"), "in a"),
        ([handler("in a", ".*", sources="a")], handler("1"), None),
        ([handler("in a", ".*", sources="a")], handler("1", sources="ab"), None),
        ([handler("off", ".*", enabled=False)], handler("1"), None),
        ([handler("slow", "(x+x+)+y")], handler("1", "(x+x+)+y"), None),
        ([handler("lines", "^.*$")], handler("1"), None),
        ([handler("shadowed", ".*"), EVERYWHERE], handler("1"), "shadowed"),
    ],
)
def test_a_handler_is_shadowed_by_what_takes_all_its_messages(
    before: list[HandlerDefinition], later: HandlerDefinition, by: str | None
) -> None:
    found = reach([*before, later], "ab")
    assert found.unreachable.get("1") == (Unreachable("shadowed", by) if by else None)


PATTERNS = st.sampled_from(["", ".*", "^.*$", "^.*", "a", "a|b?", "(?i)A*", "b+", "$", "(", "[ab]"])
STATES = st.sets(st.sampled_from("ab")).map("".join)


@given(
    st.lists(st.tuples(PATTERNS, STATES, st.booleans()), max_size=5),
    st.text("ab\n", max_size=4),
    st.sampled_from([None, "a", "b"]),
)
def test_what_is_called_shadowed_is_never_chosen(
    made: list[tuple[str, str, bool]], text: str, state: str | None
) -> None:
    handlers = [
        handler(str(number), pattern, sources, enabled=enabled)
        for number, (pattern, sources, enabled) in enumerate(made)
    ]
    found = Matcher(handlers, timeout=5).find(text, state)
    assert found.handler is None or found.handler.id not in reach(handlers, "ab").unreachable
