"""What was found, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.attacks.verdict import Bounds, Finding

BROKEN = {
    "reached": "reached",
    "slow": "slow",
    "large": "large",
    "died": "processes died",
    "unforeseen": "unforeseen errors",
}
HEADER = f"{'entry':36} {'place':16} {'CPU s':>6} {'time s':>6} {'MB':>6}  outcome"


def line(finding: Finding, bounds: Bounds) -> str:
    """Return the line of one entry in one place."""
    entry, marks = finding.entry, " ".join(word.upper() for word in finding.broken(bounds))
    numbers = f"{finding.cpu:6.2f} {finding.wall:6.2f} {finding.megabytes:6.1f}"
    outcome = " ".join(filter(None, [marks, *finding.reached, " ".join(finding.outcome.split())]))
    return f"{entry.name:36} {finding.place:16} {numbers}  {outcome:.150}"


def summary(findings: Sequence[Finding], bounds: Bounds) -> list[str]:
    """Return what broke a bound, how it went in each place, and how it went at all."""
    bad = [finding for finding in findings if finding.broken(bounds)]
    told = ["", "Broken bounds:", *(line(finding, bounds) for finding in bad)] if bad else []
    places = dict.fromkeys(finding.place.partition(",")[0] for finding in findings)
    for place in places:
        told.append(_counts(f"{place:8}", [one for one in findings if one.place.partition(",")[0] == place], bounds))
    return [*told, _counts("all     ", findings, bounds)]


def _counts(name: str, findings: Sequence[Finding], bounds: Bounds) -> str:
    """Count entries, not findings: one that is slow in three places is one entry."""
    found = Counter(word for word, _ in {(word, one.entry.name) for one in findings for word in one.broken(bounds)})
    entries = len({(one.entry.room, one.entry.name) for one in findings})
    return ", ".join([f"{name} {entries} entries", *(f"{found[word]} {words}" for word, words in BROKEN.items())])
