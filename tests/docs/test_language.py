"""The language of templates is told whole: each table of the documentation has what the code's has, and no more."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import jinja2.defaults
import jinja2.filters
import jinja2.parser
import jinja2.tests
import pytest

from permabots.engine.templates import budget, json_values
from permabots.engine.templates import literals as keyboard_literals
from permabots.engine.templates.compile import nesting, program
from permabots.engine.templates.compile.macros import Loop, Macro
from permabots.engine.templates.now import NowExtension
from permabots.engine.templates.tables import filters, formats, functions, lookup, methods, text_filters
from permabots.engine.templates.tables.registry import FILTERS, TESTS
from permabots.engine.turn_values import EngineLimits
from tests.docs.pages import ROOT, literals, table, words

FILTER_TABLES = ("filters-text", "filters-list", "filters-other")
TOLD_FILTERS = sorted(word for name in FILTER_TABLES for word in words("templates", name))

LEFT_OUT = words("templates", "left-out")


def left_out(before: str, after: str = "") -> set[str]:
    """Return what is left out of one kind, without the signs that it is told by."""
    found = {word.removeprefix(before) for word in LEFT_OUT if word.startswith(before) and word.endswith(after)}
    return {word.removesuffix(after) for word in found}


def methods_told(kind: str) -> set[str]:
    told = words("templates", "methods-other")
    return {word.removeprefix(f"{kind}.") for word in told if word.startswith(f"{kind}.")}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_every_filter_is_told() -> None:
    assert {word.partition("(")[0] for word in TOLD_FILTERS} == set(FILTERS)
    assert left_out("|") == set(jinja2.filters.FILTERS) - set(FILTERS)
    assert set(FILTERS) - set(jinja2.filters.FILTERS) == {"now"}


@pytest.mark.parametrize("told", TOLD_FILTERS)
def test_a_filter_takes_what_is_told(told: str) -> None:
    name, _, arguments = told.removesuffix(")").partition("(")
    if arguments == "…":
        assert any(it.kind is it.VAR_POSITIONAL for it in parameters(FILTERS[name]))
    elif name not in ("e", "escape", "forceescape"):
        assert re.split(r", (?=\w+(?:=|$|,))", arguments) == [written(it) for it in parameters(FILTERS[name])] or [""]


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a filter behind the run and the value."""
    function = function.func if isinstance(function, partial) else function
    return list(inspect.signature(function).parameters.values())[2:]


def written(parameter: inspect.Parameter) -> str:
    """Return a parameter as a template's author would write it."""
    if parameter.default is parameter.empty:
        return parameter.name
    words_of = {True: "true", False: "false", None: "none"}
    is_word = parameter.default is None or isinstance(parameter.default, bool)
    return f"{parameter.name}={words_of[parameter.default] if is_word else repr(parameter.default)}"


def test_every_test_is_told() -> None:
    assert words("templates", "tests") == set(TESTS) == set(jinja2.tests.TESTS)


def test_every_method_is_told() -> None:
    assert words("templates", "methods-text") == set(lookup.TEXT_METHODS)
    assert methods_told("list") == set(methods.LIST_METHODS)
    assert methods_told("object") == set(methods.OBJECT_METHODS)
    assert methods_told("number") == set(methods.METHODS[float])
    assert methods_told("group") == set(methods.FIELDS[tuple])
    assert words("templates", "methods-date") == set(methods.METHODS[datetime]) | set(methods.FIELDS[datetime])


def test_every_method_of_texts_lists_and_objects_that_is_left_out_is_told() -> None:
    assert left_out("text.") == public(str) - set(lookup.TEXT_METHODS)
    assert left_out("list.") == public(list) - set(methods.LIST_METHODS)
    assert left_out("object.") == public(dict) - set(methods.OBJECT_METHODS)


def test_every_function_is_told() -> None:
    assert words("templates", "functions") == set(functions.FUNCTIONS)
    assert set(jinja2.defaults.DEFAULT_NAMESPACE) - set(functions.FUNCTIONS) == {"lipsum"} <= LEFT_OUT


def test_every_name_of_loops_and_macros_is_told() -> None:
    assert words("templates", "loop") == set(Loop.attributes)
    assert words("templates", "macro") == set(Macro.attributes) | {"kwargs", "varargs"}


def test_every_statement_is_told() -> None:
    told = words("templates", "statements") - {"else", "elif", "recursive"}
    statements = {word for word in told if not word.startswith("end")}
    of_jinja = {*jinja2.parser._statement_keywords, "call", "filter", "raw", *NowExtension.tags}
    not_here = left_out("{% ", " %}")
    assert statements == of_jinja - {"include", "import", "from", "extends"}
    assert not_here == {"include", "import", "from", "extends", "do", "break", "continue", "trans", "debug"}


NUMBERS = (
    *(budget.MAX_STEPS, budget.MAX_BYTES, program.MAX_SOURCE, json_values.MAX_DEPTH, json_values.MAX_BITS),
    *(functions.MAX_RANGE, formats.MAX_WIDTH, formats.MAX_FORMAT, text_filters._MAX_WRAPPED, filters.MAX_DIGITS),
    *(keyboard_literals.MAX_CHARS, keyboard_literals.MAX_DEPTH, nesting.MAX_WEIGHT, nesting.MAX_TOKENS),
    EngineLimits().render_max_chars,
)


@pytest.mark.parametrize("number", sorted(set(NUMBERS)))
def test_every_limit_is_told(number: int) -> None:
    told = " ".join(cell for row in table("templates", "limits") for cell in row)
    assert re.search(rf"(?<![\d,]){number:,}(?![\d,]\d)", told)


def test_every_proof_is_there() -> None:
    paths = [path for row in table("security", "proofs") for path in literals(row[0])]
    assert [path for path in paths if not (ROOT / path).exists()] == []
