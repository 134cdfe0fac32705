"""Rates of ``API_THROTTLES`` that hold outside of the REST API: work in the admin counts with its user's calls."""

from __future__ import annotations

import math
from typing import Any

from permabots.conf import get_config
from permabots.exceptions import TooManyCalls
from permabots.security import counters

USER = "user"
BOT = "bot"
OF = {USER: "calls of one user", BOT: "calls about one bot"}
"""The name of a rate -> whose calls it counts, in words."""
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""The first letter of a period -> its length."""
_PERIODS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


def words(scope: str, of: str, most: int, seconds: int) -> str:
    """Return what a limit is, in words for the caller.

    Args:
        scope: its name in ``API_THROTTLES``.
        of: whose calls it counts.
        most: the calls that are taken in a period.
        seconds: the length of the period.
    """
    return f"At most {most} {of} a {_PERIODS[seconds]} (limit {scope!r} of API_THROTTLES)."


def about_bot(author: Any, bot: Any) -> str:
    """Return whose calls the rate of bots counts together: one user's about one bot, both by their ids.

    Another user's calls are not counted: they would use up its owner's.
    """
    return f"{author} {bot}"


def count_call(author: Any, bot: Any = None) -> None:
    """Count what an author does in the admin with their calls of the REST API.

    Args:
        author: the user's id.
        bot: the id of the bot that it is about; None for several.

    Raises:
        TooManyCalls: a limit is reached; the text names it.
    """
    whose = {USER: str(author), **({} if bot is None else {BOT: about_bot(author, bot)})}
    for scope, whom in whose.items():
        if rate := get_config().api_throttles.get(scope):
            number, _, period = rate.partition("/")
            most, seconds = int(number), SECONDS[period[0]]
            if counters.count(scope, whom, most, seconds) > most:
                rest = math.ceil(counters.rest_of_window(seconds))
                raise TooManyCalls(f"{words(scope, OF[scope], most, seconds)} Try again in {rest} seconds.", rest)
