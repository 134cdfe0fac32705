"""Whatever a template, it writes what stock Jinja writes without autoescape, but for the documented differences."""

from __future__ import annotations

import copy
from collections import Counter

from hypothesis import event, given, note

from permabots.exceptions import RenderLimitExceeded, TemplateError
from tests.engine.templates_properties.engine import examples, no_timeout, parameter
from tests.engine.templates_properties.oracle import MILDER, TooMuch, expected, is_stricter
from tests.engine.templates_properties.statements import Example, made_up

FAILED = "it fails"


def jinjas(example: Example) -> str | None:
    """Return what Jinja writes, `FAILED`, or None where we decide."""
    try:
        return expected(example.source, copy.deepcopy(example.context))
    except TooMuch:
        return None
    except Exception as error:  # noqa: BLE001 # whatever it is, Jinja does not render it
        return None if MILDER.search(str(error)) else FAILED


def ours(example: Example) -> str | None:
    """Return what we write, `FAILED`, or None where it is refused as documented."""
    try:
        return parameter(example.source, example.context)
    except RenderLimitExceeded:
        return None
    except TemplateError as error:
        return None if is_stricter(error.message) else FAILED


@no_timeout
def test_a_template_writes_what_jinja_writes() -> None:
    tally: Counter[str] = Counter()

    @examples(200)
    @given(made_up())
    def holds(example: Example) -> None:
        note(f"{example.source!r} with {example.context!r}")
        wanted, found = jinjas(example), ours(example)
        outcome = "differs" if None in (wanted, found) else "fails" if wanted == FAILED else "renders"
        event(outcome)
        tally[outcome] += 1
        if None not in (wanted, found):
            assert found == wanted

    holds()
    assert tally["renders"] > tally.total() * 0.6, tally
