"""Steering a stand-in Bot API that runs in another process."""

from __future__ import annotations

from collections.abc import Callable

from permabots.testing.remote import remote
from permabots.testing.telegram.steering import TelegramSteering

TelegramControl: Callable[[str], TelegramSteering] = remote("TelegramControl", TelegramSteering)
"""The methods of a `TelegramServer` in another process; takes its ``url``."""
