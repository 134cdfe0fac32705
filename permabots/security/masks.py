"""Showing people which secret is stored, without showing the secret."""

from __future__ import annotations

DOTS = "••••"
MIN_SHOWN = 12
"""The shortest secret whose last characters are shown; of a shorter one they would give away too much."""
LAST = 4


def masked(secret: str) -> str:
    """Return a secret with all but its last characters masked."""
    return DOTS + secret[-LAST:] if len(secret) >= MIN_SHOWN else DOTS


def is_mask(value: object) -> bool:
    """Return whether a value that somebody sent looks like an answer of `masked`."""
    return isinstance(value, str) and value.startswith(DOTS)
