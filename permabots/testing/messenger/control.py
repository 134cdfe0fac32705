"""Steering a stand-in Messenger that runs in another process."""

from __future__ import annotations

from collections.abc import Callable

from permabots.testing.messenger.steering import MessengerSteering
from permabots.testing.remote import remote

NAMES = frozenset(name for name in dir(MessengerSteering) if not name.startswith("_"))
"""What the control API offers: what the client asks for, and what that is put together from here too, for ``curl``."""

MessengerControl: Callable[[str], MessengerSteering] = remote("MessengerControl", MessengerSteering)
"""The methods of a `MessengerServer` in another process; takes its ``url``."""
