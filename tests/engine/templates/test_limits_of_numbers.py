"""Long numbers: what they cost is charged before they are computed and written."""

from __future__ import annotations

import pytest

from permabots.engine.templates import Budget, RenderLimits, render_text
from permabots.exceptions import RenderLimitExceeded

LONG = 10**2999
"""As an API may answer: writing its digits takes a tenth of a millisecond."""


@pytest.mark.parametrize(
    "source",
    [
        "{{ [n] * 90000 }}",
        "{{ ([n] * 90000)|join }}",
        "{{ ([n] * 90000)|tojson }}",
        "{{ ([n] * 90000)|unique|list }}",
        "{{ ([n] * 90000)|select('upper')|list }}",
        "{{ dict([(n, 1)] * 90000) }}",
        "{% for i in range(9000) %}{% set x = '%d'|format(n) %}{% endfor %}",
        "{% for i in range(9000) %}{{ n }}{% endfor %}",
        "{% for i in range(9000) %}{% set x = {n: 1}[n] %}{% endfor %}",
        "{% for i in range(9000) %}{% set x = '{:d}'.format(n) %}{% endfor %}",
        "{{ [{}]|map(attribute=[n] * 90000)|list }}",
        "{{ 'x'|trim([n] * 90000) }}",
        "{{ {}|attr([n] * 90000) }}",
    ],
)
def test_the_digits_of_long_numbers_are_charged_before_they_are_written(source: str) -> None:
    budget = Budget(RenderLimits(timeout=1e9))
    with pytest.raises(RenderLimitExceeded, match="make more than 32,000,000 bytes"):
        render_text(source, {"n": LONG}, budget)


@pytest.mark.parametrize("source", ["{{ n|abs }}", "{{ n|round }}"])
def test_long_numbers_are_not_computed_with_by_filters_either(source: str) -> None:
    with pytest.raises(RenderLimitExceeded, match="beyond 64 bits"):
        render_text(source, {"n": -LONG}, Budget(RenderLimits()))


def test_a_long_number_is_shown_and_found_as_a_key() -> None:
    assert render_text("{{ n }}{{ {n: 'x'}[n] }}", {"n": LONG}, Budget(RenderLimits())) == f"{LONG}x"
