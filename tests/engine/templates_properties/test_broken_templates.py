"""Whatever is wrong with a template, of any kind, it ends in an error for its author, and shows nothing of ours."""

from __future__ import annotations

import re
import warnings

from hypothesis import given, note

from permabots.exceptions import DefinitionError
from tests.engine.templates_properties.engine import KINDS, budget, examples, no_timeout
from tests.engine.templates_properties.mutations import CORPUS, Broken, broken

_OURS = re.compile(
    r"0x[0-9a-f]{9,}|<class|<function|<built-in|<bound| object at |<Macro|jinja2\.|permabots\.|Traceback|\.py\b"
)
"""Addresses in memory, classes and modules of Python."""


def inside(source: str) -> set[str]:
    return set(_OURS.findall(source))


def test_there_are_templates_to_break() -> None:
    assert len(CORPUS) > 100


@no_timeout
@examples(200)
@given(broken())
def test_a_broken_template_ends_in_an_error_for_its_author(example: Broken) -> None:
    note(f"{example.source!r} with {example.context!r}")
    for name, render in KINDS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                shown = str(render(example.source, example.context, budget()))
            except DefinitionError as error:
                shown = str(error)
                assert error.message, name
        assert inside(shown) <= inside(example.source), (name, shown)
