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


def leads(handlers: list[HandlerDefinition], states: set[str]) -> set[str]:
    """Return the states that these and no state lead to, round by round."""
    found = states | {
        it.target_state.id for it in handlers if it.target_state and (not it.source_states or it.source_states & states)
    }
    return found if found == states else leads(handlers, found)


@given(st.lists(st.tuples(STATES, st.sampled_from("abc")), max_size=6), STATES)
def test_states_are_those_that_any_number_of_steps_leads_to(made: list[tuple[str, str]], occupied: str) -> None:
    handlers = [handler(str(number), str(number), *moves) for number, moves in enumerate(made)]
    assert reach(handlers, occupied).states == leads(handlers, set(occupied))


def naive(handlers: list[HandlerDefinition]) -> dict[str, str]:
    """Return what shadows each handler, comparing each with all before it."""
    found: dict[str, str] = {}
    for number, later in enumerate(handlers):
        before = [it for it in handlers[:number] if it.id not in found]
        takers = [it for it in before if matches_every_text(it.pattern) or it.pattern == later.pattern]
        states: list[Any] = sorted(later.source_states) or [None]
        first = [
            next((it.name for it in takers if not it.source_states or state in it.source_states), "")
            for state in states
        ]
        if all(first):
            found[later.id] = first[0]
    return found


@given(st.lists(st.tuples(st.sampled_from(["", ".*", "a", "b+"]), STATES), max_size=8))
def test_the_shadowing_handler_is_the_first_of_all_before(made: list[tuple[str, str]]) -> None:
    handlers = [handler(str(number), pattern, sources) for number, (pattern, sources) in enumerate(made)]
    found = reach(handlers, "ab").unreachable
    assert {name: reason.by for name, reason in found.items()} == naive(handlers)


class Counted(HandlerDefinition):
    """A handler that counts how often its pattern is read."""

    read = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "pattern":
            Counted.read += 1
        return super().__getattribute__(name)


def test_work_grows_with_the_number_of_handlers_and_not_with_its_square() -> None:
    made = [handler(str(number), f"x{number}", "ab") for number in range(200)]
    reach([Counted(it.id, it.name, it.pattern, it.response, source_states=it.source_states) for it in made])
    assert Counted.read <= 10 * len(made)
