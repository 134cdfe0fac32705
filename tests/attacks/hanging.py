"""How long anything is waited for."""

PATIENCE = 20.0
"""Seconds."""


class Hung(Exception):
    """It takes longer than that."""
