"""Templates that nest too deeply end with an error, in any thread."""

from __future__ import annotations

import inspect
import sys

import pytest

from permabots.engine.templates import check_text
from permabots.engine.templates.compile.nesting import MAX_WEIGHT
from permabots.exceptions import TemplateError

DEEP = MAX_WEIGHT + 1


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * DEEP + "1" + ")" * DEEP + " }}",
        "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
        "{{ 1" + "+1" * DEEP + " }}",
        "{{ x" + ".a" * 20_000 + " }}",
        "{{ x" + "|upper" * 5_000 + " }}",
        "{{ " + "not " * DEEP + "1 }}",
        "{{ x" + "[0]" * DEEP + " }}",
        "{{ x" + "(1)" * DEEP + " }}",
        "{% if x %}" * 60 + "{% endif %}" * 60,
        "{% set x %}" * 60 + "{% endset %}" * 60,
        "{{ " + "(" * 9 + "1" + ("+1" * 20 + ")") * 9 + " }}",
        "{{ x(" + "1" + "+1" * 90 + ", 2)" + "+1" * 90 + " }}",
    ],
)
def test_a_template_that_nests_too_deeply_is_refused(source: str) -> None:
    with pytest.raises(TemplateError, match="this nests too deeply"):
        check_text(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "x ~ " * 490 + "x }}",
        "{{ [" + "x.a + 1, " * 160 + "] }}",
        "{{ x }}" * 330,
        "{% if x %}{% endif %}" * 50 + "{% set a = 1 %}" * 50 + "{% set a %}{% endset %}" * 50,
        "{% if x %}" + "{% elif x == 1 %}" * 160 + "{% endif %}",
        "plain text, {# and a comment #}" * 1_000,
        "{{ x" + "|default(1)" * 25 + " }}",
        "{% raw %}" + "((((" * 200 + "{% endraw %}",
    ],
)
def test_a_long_template_need_not_be_deep(source: str) -> None:
    check_text(source)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # generators that have no room to close
def test_a_stack_that_is_nearly_full_is_an_error_too() -> None:
    def check_below(frames: int) -> None:
        if frames:
            check_below(frames - 1)
        else:
            check_text("{{ a_template_of_this_test_alone|default([1, (2, 3)]) }}")

    with pytest.raises(TemplateError, match="nests"):
        check_below(sys.getrecursionlimit() - len(inspect.stack(0)) - 40)
