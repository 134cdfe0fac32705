"""A rest from asking a server that does not answer: else every caller would wait for it, one after another."""

from __future__ import annotations

import threading
import time


class Pause:
    """Keeps callers away from a server after a failure; when the time is over, one caller at a time tries it.

    Args:
        seconds: how long nobody asks.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._until = 0.0

    def admits(self) -> bool:
        """Return whether this caller may ask. It says afterwards how that went."""
        if not self._until:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            self._until = now + self._seconds  # the next caller comes after what this one finds out
            return True

    def failed(self) -> None:
        """Begin to rest."""
        self._until = time.monotonic() + self._seconds

    def answered(self) -> None:
        """Let everybody ask again."""
        self._until = 0.0
