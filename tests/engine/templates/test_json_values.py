"""Values: what they are called, how deep they may be, what a walk through them costs, how they read, their keys."""

from __future__ import annotations

from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

import pytest

from permabots.engine.templates import Budget, RenderLimits, render_text
from permabots.engine.templates.json_values import (
    MAX_DEPTH,
    called,
    charge_new,
    charge_search,
    charge_walk,
    items_of,
    key_of,
    show,
)
from permabots.engine.templates.value_kinds import Guess, Namespace, Undefined, Unknown
from permabots.exceptions import RenderLimitExceeded, TemplateError
from tests.engine.templates.rendering import budget, text


def nested(depth: int) -> Any:
    value: Any = 1
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    return value


def spent(value: Any) -> int:
    counted = budget()
    assert charge_walk(value, counted) == counted.limits.max_steps - counted.steps
    return counted.limits.max_steps - counted.steps


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("a", "a text"),
        (None, "nothing"),
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ({}, "an object"),
        (MappingProxyType({}), "an object"),
        ([], "a list"),
        ((), "a list"),
        (date(2026, 1, 1), "a date"),
        (time(1), "a date"),
        (Undefined("a"), "an undefined value"),
        (Unknown(Guess(present=True)), "a value that is not there yet"),
        (Namespace({}), "namespace"),
    ],
)
def test_each_kind_of_value_has_a_name_for_authors(value: Any, word: str) -> None:
    assert called(value) == word


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        (1, 1),
        (None, 1),
        ("a", 1),
        ("a" * 10_240, 11),
        ([], 1),
        ([1, 2, 3], 4),
        ({"a": 1, "b": [1, 2]}, 3 + 3),
        ([["a" * 2_048], "b"], 3 + 2 + 2),
    ],
)
def test_a_walk_costs_as_much_as_there_is_to_be_seen(value: Any, steps: int) -> None:
    assert spent(value) == steps


def test_a_walk_is_refused_before_it_is_made() -> None:
    counted = Budget(RenderLimits(max_steps=100))
    with pytest.raises(RenderLimitExceeded):
        charge_walk([[0] * 1_000], counted)


@pytest.mark.parametrize("use", [charge_walk, charge_new, show])
def test_a_value_is_refused_that_is_nested_too_deeply(use: Any) -> None:
    use(nested(MAX_DEPTH), budget())
    with pytest.raises(RenderLimitExceeded, match="lists and objects are nested more than 64 deep"):
        use(nested(MAX_DEPTH + 2), budget())


def test_json_is_as_deep_as_values_may_be() -> None:
    assert text("{{ x|tojson }}", x=nested(MAX_DEPTH)).count("[") == MAX_DEPTH // 2
    for depth in (MAX_DEPTH + 1, MAX_DEPTH + 2):
        with pytest.raises(RenderLimitExceeded, match="nested more than 64 deep"):
            text("{{ x|tojson }}", x=nested(depth))


@pytest.mark.parametrize(
    "source",
    [
        "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set ns = namespace(x={}) %}{% for i in range(99) %}{% set ns.x = {'a': ns.x} %}{% endfor %}",
        "{% set ns = namespace(x=()) %}{% for i in range(99) %}{% set ns.x = (ns.x, 1) %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = dict(a=ns.x) %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x]|batch(1) %}{% endfor %}",
    ],
)
def test_no_template_builds_a_value_that_is_nested_too_deeply(source: str) -> None:
    with pytest.raises(RenderLimitExceeded, match="nested more than 64 deep"):
        text(source)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a'<", "a'<"),
        (5, "5"),
        (True, "True"),
        (1e100, "1e+100"),
        (None, "None"),
        (Undefined("a.b"), ""),
        (Namespace({"secret": 1}), "<namespace>"),
        ([1, "a'", ("b",), ("b", 1), {"k": None}], """[1, "a'", ('b',), ('b', 1), {'k': None}]"""),
        (MappingProxyType({"a": 1}), "{'a': 1}"),
        ([datetime(2026, 1, 2, 3, 4), date(2026, 1, 2), time(3)], "['2026-01-02 03:04:00', '2026-01-02', '03:00:00']"),  # noqa: DTZ001 - no zone is shown
        ([Undefined("a"), Namespace({})], "[<an undefined value>, <namespace>]"),
    ],
)
def test_a_value_reads_as_python_writes_it(value: Any, expected: str) -> None:
    assert show(value, budget()) == expected


def test_a_number_of_thousands_of_digits_is_not_shown() -> None:
    assert show(10**1_000, budget()) == "1" + "0" * 1_000
    for value in (10**4_000, [10**4_000]):
        with pytest.raises(TemplateError, match="a number of thousands of digits cannot be shown"):
            show(value, budget())


def test_what_is_not_there_is_noted_when_it_is_shown_or_walked() -> None:
    counted = budget()
    show(Undefined("a.b"), counted)
    show(Undefined(""), counted)
    items_of(Undefined("c"), counted)
    items_of(Undefined(""), counted)
    assert counted.undefined == ["a.b", "c"]


def test_a_method_that_is_not_called_is_noted_with_a_hint() -> None:
    counted = budget()
    assert render_text("{{ 'a'.upper }}{{ x.items }}", {"x": {}}, counted) == ""
    assert counted.undefined == [
        "(…).upper (a method: write upper() to call it)",
        "x.items (a method: write items() to call it)",
    ]


@pytest.mark.parametrize(
    ("key", "expected"), [("a", "a"), (1, "1"), (1.5, "1.5"), (None, "None"), (True, "True"), (-(2**70), str(-(2**70)))]
)
def test_keys_are_texts(key: Any, expected: str) -> None:
    assert key_of(key, Budget(RenderLimits())) == expected


@pytest.mark.parametrize("key", [[], {}, (), date(2026, 1, 1), Undefined("a"), 10**4_000])
def test_what_is_no_key_is_refused(key: Any) -> None:
    with pytest.raises(TemplateError):
        key_of(key, Budget(RenderLimits()))


@pytest.mark.parametrize(
    ("value", "items"), [([1], [1]), ((1,), (1,)), ("ab", "ab"), ({"a": 1}, ["a"]), (Undefined("x"), ())]
)
def test_a_loop_walks_through_items_keys_and_characters(value: Any, items: Any) -> None:
    assert items_of(value, budget()) == items


@pytest.mark.parametrize(("container", "value"), [([[1, 2]] * 100, [1, 2]), (["a"] * 100, "b" * 100_000)])
def test_a_search_costs_what_it_compares(container: Any, value: Any) -> None:
    counted = budget()
    charge_search(container, value, counted)
    assert counted.limits.max_steps - counted.steps > 300


def test_undefined_values_are_the_same_and_false() -> None:
    assert Undefined("a") == Undefined("b")
    assert {Undefined("a"), Undefined("b")} == {Undefined("")}
    assert not Undefined("a")
    assert Undefined("a") != None  # noqa: E711 - the comparison is what is tested


@pytest.mark.parametrize("present", [True, False])
def test_a_guess_remembers_what_was_asked_of_it(present: bool) -> None:
    guess = Guess(present)
    unknown = Unknown(guess)
    assert (guess.decided, guess.looped, guess.used_unquoted) == (False, False, False)
    assert (bool(unknown), unknown.items(), unknown.write_unquoted()) == (present, [unknown] if present else [], 0)
    assert (guess.decided, guess.looped, guess.used_unquoted) == (True, True, True)
    assert unknown.within("a") is unknown
