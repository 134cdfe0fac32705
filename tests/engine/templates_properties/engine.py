"""What these tests use of permabots, in one place, and how many examples they try."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, settings

from permabots.engine.templates import (
    Budget,
    RenderLimits,
    render_data,
    render_parameter,
    render_text,
    render_url,
)
from permabots.engine.templates.keyboards import render_keyboard
from permabots.providers.base import markup
from permabots.values import Json

__all__ = ["budget", "markup", "render_data", "render_keyboard", "render_parameter", "render_text", "render_url"]

EXAMPLES = int(os.environ.get("PERMABOTS_TEMPLATE_EXAMPLES", "0"))
"""How many examples each test tries; 0 for its own number, which suits a run of all tests."""

KINDS = {
    "text": render_text,
    "url": render_url,
    "parameter": render_parameter,
    "keyboard": render_keyboard,
    "data": render_data,
}


def budget() -> Budget:
    """Return one that a slow or busy machine does not use up."""
    return Budget(RenderLimits(timeout=5.0))


def parameter(source: str, context: Mapping[str, Json]) -> str:
    """Return what a template writes, nothing escaped."""
    return render_parameter(source, context, budget())


def examples(number: int) -> settings:
    """Return the settings of a test that tries so many examples unless more are asked for."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=EXAMPLES or number, deadline=None, suppress_health_check=checks)


no_timeout = pytest.mark.timeout(0 if EXAMPLES else 60)
"""A mark for tests that may be asked for hours of examples."""
