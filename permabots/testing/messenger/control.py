"""Steering a stand-in Messenger that runs in another process."""

from __future__ import annotations

from collections.abc import Callable

from permabots.testing.messenger.steering import MessengerSteering
from permabots.testing.remote import remote

MessengerControl: Callable[[str], MessengerSteering] = remote("MessengerControl", MessengerSteering)
"""The methods of a `MessengerServer` in another process; takes its ``url``."""
