"""Faults of permabots itself, planted by a chaos run to see that it finds them."""

from __future__ import annotations

from pathlib import Path


def plant(folder: Path) -> None:
    """Put the bugs in place."""
