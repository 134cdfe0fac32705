"""A pause in calling a server that does not answer: else every caller would wait for it, one after another."""

from __future__ import annotations

import threading
import time


class Pause:
    """Stops calls to a server after a failure; when the time is over, one caller at a time tries it.

    Args:
        seconds: how long nobody calls the server.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._until = 0.0

    def allows_call(self) -> bool:
        """Return whether this caller may call the server. It reports the result with `failed` or `answered`."""
        if not self._until:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._until:
                return False
            self._until = now + self._seconds  # no other caller tries before this one has reported its result
            return True

    def failed(self) -> None:
        """Begin the pause."""
        self._until = time.monotonic() + self._seconds

    def answered(self) -> None:
        """End the pause: every caller may call again."""
        self._until = 0.0
