"""The tag ``{% now %}``: the current date and time, in any time zone, with an amount of time added or subtracted."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from permabots.engine.templates.budget import Budget
from permabots.engine.templates.tables.formats import datetime_text
from permabots.exceptions import TemplateError

DEFAULT_FORMAT = "%Y-%m-%d"

_OFFSET_ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?")
_SHIFT = re.compile(r"(?P<unit>[a-z]+)=(?P<amount>[+-]?\d{1,9}(?:\.\d{1,9})?)")
_MONTHS = {"years": 12.0, "months": 1.0}
_DAYS = {"weeks": 7.0, "days": 1.0}
_SECONDS = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


class NowExtension(Extension):
    """``{% now 'Europe/Madrid', '%H:%M' %}``, ``{% now 'utc' + 'hours=2,minutes=30' %}``: see `now`."""

    tags = {"now"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        zone = parser.parse_expression()
        form = parser.parse_expression() if parser.stream.skip_if("comma") else nodes.Const(DEFAULT_FORMAT)
        arguments = [form]
        if isinstance(zone, nodes.Add | nodes.Sub):
            arguments += [zone.right, nodes.Const(1 if isinstance(zone, nodes.Add) else -1)]
            zone = zone.left
        return nodes.Output([nodes.Filter(zone, "now", arguments, [], None, None, lineno=line)], lineno=line)


def now(zone: str, form: str, shift: str, sign: int, budget: Budget) -> str:
    """Return the current date and time as text; where the format is the author's, the text counts as the author's.

    Args:
        zone: as in `moved`.
        form: the format, as `datetime.strftime` takes it.
        shift: as in `moved`.
        sign: 1 to add the shift, -1 to subtract it.
        budget: what the turn may still cost.

    Raises:
        TemplateError: the zone, the shift or the format cannot be used.
        RenderLimitExceeded: the format is too long.
    """
    try:
        return datetime_text(moved(datetime.now(UTC), zone, shift, sign), form, budget)
    except (OverflowError, ValueError) as error:
        raise TemplateError(f"now: {error}") from error


def moved(moment: datetime, zone: str, shift: str = "", sign: int = 1) -> datetime:
    """Return a date and time in a time zone, with an amount of time added or subtracted.

    Args:
        moment: the date and time, aware.
        zone: ``local`` for the time zone of the process, ``utc``, a name as ``Europe/Madrid``, or ``+02:00``.
        shift: ``weeks``, ``days``, ``hours``, ``minutes``, ``seconds``, and whole ``years`` and ``months``, as in
            ``hours=2,minutes=30``. Days and longer units keep the time of day when the clocks change.
        sign: 1 to add the shift, -1 to subtract it.

    Raises:
        TemplateError: the zone or the shift cannot be used.
        OverflowError: the result is out of the range of dates.
    """
    place = _zone(zone)
    amounts = _amounts(shift, sign)
    here = moment.astimezone(place)
    if not amounts:
        return here
    wall = _months_later(here.replace(tzinfo=None), _total(amounts, _MONTHS)) + timedelta(days=_total(amounts, _DAYS))
    aware = wall.replace(tzinfo=place) if place else wall.astimezone()
    return (aware.astimezone(UTC) + timedelta(seconds=_total(amounts, _SECONDS))).astimezone(place)


def _zone(name: str) -> tzinfo | None:
    """Return the time zone; None stands for the time zone of the process."""
    if name.lower() == "local":
        return None
    if name.lower() == "utc":
        return UTC
    if offset := _OFFSET_ZONE.fullmatch(name):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError) as error:  # a folder, an unknown name, an invalid name
        raise TemplateError(f"now: there is no time zone {name[:100]!r}") from error


def _amounts(shift: str, sign: int) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for part in filter(None, re.sub(r"\s", "", shift).split(",")):
        amount = _SHIFT.fullmatch(part)
        if not amount or amount["unit"] not in {*_MONTHS, *_DAYS, *_SECONDS}:
            raise TemplateError(f"now: {part[:100]!r} is no amount of time such as 'hours=2'")
        amounts[amount["unit"]] = sign * float(amount["amount"])
    return amounts


def _total(amounts: dict[str, float], units: dict[str, float]) -> float:
    return sum(amounts.get(unit, 0.0) * size for unit, size in units.items())


def _months_later(wall: datetime, months: float) -> datetime:
    if months % 1:
        raise TemplateError("now: years and months must be whole numbers")
    year, month = divmod(wall.year * 12 + wall.month - 1 + int(months), 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the year is out of range")
    return wall.replace(year=year, month=month + 1, day=min(wall.day, calendar.monthrange(year, month + 1)[1]))
