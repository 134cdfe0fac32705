"""The schema of the REST API in OpenAPI 3, and its page, where the extra ``openapi`` is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern


def documentation(patterns: list[Any]) -> list[URLPattern]:
    """Return the URLs of the schema and its page for other URLs; none without drf-spectacular."""
    if find_spec("drf_spectacular") is None:
        return []
    urls: list[URLPattern] = import_module("permabots.views.api.openapi.views").documentation(patterns)
    return urls
