"""``PERMABOTS_<KEY>`` in the environment -> ``settings.PERMABOTS``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from permabots.conf import Config

PREFIX = "PERMABOTS_"
FOREIGN = {"PERMABOTS_DEMO_STATE"}


def permabots_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return ``settings.PERMABOTS`` as the environment has it; lists are separated by commas, dicts are JSON."""
    return {
        name.removeprefix(PREFIX): _typed(name.removeprefix(PREFIX).lower(), text)
        for name, text in environment.items()
        if name.startswith(PREFIX) and name not in FOREIGN and not name.startswith("PERMABOTS_TEST_")
    }


def _typed(field: str, text: str) -> Any:
    default = getattr(Config(), field, "")
    kind = next((it.type for it in fields(Config) if it.name == field), "")
    if isinstance(default, Mapping):
        return json.loads(text)
    if isinstance(default, bool) or kind == "bool | None":
        return text.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(default, tuple):
        return [item.strip() for item in text.split(",") if item.strip()]
    if isinstance(default, int | float):
        return type(default)(text)
    return text
