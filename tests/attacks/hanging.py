"""How long anything is waited for."""

PATIENCE = 20.0
"""Seconds that an entry may take."""
START = 120.0
"""Seconds that a process may take to start."""


class Hung(Exception):
    """It takes longer than that."""
