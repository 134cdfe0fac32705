"""Names that templates read and nothing gives; what they say is tested where it is shown, with the REST API."""

from __future__ import annotations

import pytest

from permabots.engine.definitions import HandlerDefinition, ResponseDefinition
from permabots.engine.unknown_names import of_handler


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("x", "{{ nobody"), ("(", "{{ pattern.any }}"), ("x", "{{ message.text }}")],
    ids=["a template that cannot be used", "a pattern that cannot be used", "nothing wrong"],
)
def test_what_cannot_be_read_is_told_elsewhere(pattern: str, text: str) -> None:
    assert of_handler(HandlerDefinition("h", "h", pattern, ResponseDefinition(text)), ()) == []


def test_a_name_that_nothing_gives_is_told_beside_a_pattern_that_cannot_be_used() -> None:
    handler = HandlerDefinition("h", "h", "(", ResponseDefinition("{{ nobody }}"))
    assert of_handler(handler, ()) == ["nobody is read by a template, and nothing gives it."]
