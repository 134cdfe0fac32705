"""Short ways to render one template."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from jinja2 import Environment

from permabots.engine import templates
from permabots.engine.templates import Budget, RenderLimits
from permabots.exceptions import TemplateError
from permabots.values import Json


def budget() -> Budget:
    return Budget(RenderLimits())


def text(source: str, **context: Any) -> str:
    return templates.render_text(source, context, budget())


def url(source: str, **context: Any) -> str:
    return templates.render_url(source, context, budget())


def parameter(source: str, **context: Any) -> str:
    return templates.render_parameter(source, context, budget())


def data(value: Json, **context: Any) -> Json:
    return templates.render_data(value, context, budget())


def keyboard_source(source: str, **context: Any) -> str:
    return templates.render_keyboard_source(source, context, budget())


VALUES: dict[str, Any] = {
    "big": 10**30,
    "clock": time(13, 5),
    "date": date(2016, 4, 7),
    "f": 2.5,
    "long": "one two three four",
    "moment": datetime(2016, 4, 7, 3, 33, 20, tzinfo=UTC),
    "nothing": None,
    "nums": [3, 1, 2],
    "o": {"b": 1, "A": 2, "c": "x"},
    "people": [
        {"n": "bo", "a": 3, "in": {"x": 1}},
        {"n": "Al", "a": 1, "in": {"x": 2}},
        {"n": "al", "a": 1, "in": {"x": 0}},
    ],
    "small": -(10**30),
    "word": "aB cd",
    "yes": True,
}
"""What the tables of cases use."""

_JINJA = Environment(autoescape=False)  # noqa: S701 - the oracle of parameters, where nothing is escaped


def jinja(source: str) -> str:
    """Return what Jinja itself makes of a template with `VALUES`."""
    return _JINJA.from_string(source).render(VALUES)


def ours(source: str) -> str:
    """Return what a parameter's template gives with `VALUES`: nothing is escaped in it."""
    return parameter(source, **VALUES)


def refusal(source: str) -> str:
    """Return why a template cannot be rendered with `VALUES`."""
    with pytest.raises(TemplateError) as caught:
        ours(source)
    return caught.value.message
