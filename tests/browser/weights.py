"""What the scripts of a page weigh on their way to a browser."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

OURS = "permabots/"
MOST = 100_000
"""Bytes, compressed, of all scripts of one page, Django's included."""
_SOURCE = re.compile(r'<script[^>]*\ssrc="([^"]+)"')


def scripts_in(source: str) -> list[str]:
    """Return the paths of the scripts that a page's source names."""
    return _SOURCE.findall(source)


def weigh(paths: Iterable[str], client: Client) -> dict[str, int]:
    """Return scripts by their names, each with its compressed size in bytes.

    Args:
        paths: of the scripts.
        client: whoever asks for those that are no files, like the admin's words in other languages.
    """
    names = sorted({path.removeprefix(settings.STATIC_URL) for path in paths})
    return {name: len(gzip.compress(_read(name, client), mtime=0)) for name in names}


def _read(name: str, client: Client) -> bytes:
    path = None if name.startswith("/") else finders.find(name)
    return bytes(client.get(name).content) if path is None else Path(path).read_bytes()


def ours(weights: dict[str, int]) -> int:
    """Return the weight of those that are permabots' own."""
    return sum(weight for name, weight in weights.items() if name.startswith(OURS))
