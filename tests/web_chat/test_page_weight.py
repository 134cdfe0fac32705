"""What the page of a chat weighs on its way to a phone."""

from __future__ import annotations

import gzip
from pathlib import Path

import permabots

FOLDER = Path(permabots.__file__).parent / "static" / "permabots" / "chat"
MOST = 15_000
"""Bytes, compressed, of all that a site loads for its visitors: the launcher, the scripts and the style of the page."""


def test_scripts_and_style_are_light() -> None:
    weights = {path.name: len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in FOLDER.iterdir()}
    print(f"\n{weights}, together {sum(weights.values())} bytes")
    assert {"chat.js", "chat_view.js", "chat.css"} <= set(weights)
    assert sum(weights.values()) <= MOST
