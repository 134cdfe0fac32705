"""A provider's rates as steps of the generic cell rate algorithm, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from permabots.providers.base.contract import Rates

BURST = 1.0
"""Seconds of an account's rate that may leave at once."""
SHARE = 0.5
"""The part of an account's rate and burst that broadcasts may use."""
SET_BACK = 10.0
"""A moment further ahead than this was written before the clock was set back: no statement waits so long for a row."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one message takes of a rate.

    Args:
        seconds: by how much it moves the rate's moment; 0 where there is no rate.
        tolerance: how far ahead that moment may be for a message to leave.
    """

    seconds: float = 0.0
    tolerance: float = 0.0


def chat_step(rates: Rates) -> Step:
    """Return what a message takes of the rate of its chat."""
    if rates.chat <= 0:
        return Step()
    return Step(1 / rates.chat, max(rates.chat_burst - 1, 0.0) / rates.chat)


def account_step(rates: Rates, *, broadcast: bool = False) -> Step:
    """Return what a message takes of the rate of its account; one of a hook may use less of the burst."""
    if rates.account <= 0:
        return Step()
    seconds = 1 / rates.account
    return Step(seconds, max(BURST * (SHARE if broadcast else 1.0) - seconds, 0.0))
