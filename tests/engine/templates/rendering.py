"""Short ways to render one template."""

from __future__ import annotations

from typing import Any

from permabots.engine import templates
from permabots.engine.templates import Budget, RenderLimits
from permabots.messages import Json


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
