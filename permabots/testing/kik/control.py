"""Steering a stand-in Kik that runs in another process."""

from __future__ import annotations

from collections.abc import Callable

from permabots.testing.kik.steering import KikSteering
from permabots.testing.remote import remote

KikControl: Callable[[str], KikSteering] = remote("KikControl", KikSteering)
"""The methods of a `KikServer` in another process; takes its ``url``."""
