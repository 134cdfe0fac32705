"""What the scripts of a page weigh on their way to a browser."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

OURS = "permabots/"
MOST = 100_000
"""Bytes, compressed."""


def scripts(asked: list[str]) -> dict[str, int]:
    """Return the scripts among what a page asked for, each with its compressed size in bytes."""
    paths = {urlsplit(url).path for url in asked}
    names = sorted(path.removeprefix(settings.STATIC_URL) for path in paths if path.endswith(".js"))
    return {name: _weight(name) for name in names}


def _weight(name: str) -> int:
    path = finders.find(name)
    assert path is not None, f"{name} is served by nobody"
    with open(path, "rb") as file:
        return len(gzip.compress(file.read(), mtime=0))


def total(found: dict[str, int], prefix: str = "") -> int:
    """Return the weight of all scripts whose names begin so."""
    return sum(weight for name, weight in found.items() if name.startswith(prefix))
