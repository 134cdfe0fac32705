"""What was measured of an entry in one place, and whether that is within the bounds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from tests.attacks.entries import Entry

INSIDES = re.compile(
    r"<(?:class '|function |module '|bound method |built-in |method '|slot wrapper |code object )[^>]*>?"
    r"|\bobject at\b|\b0x[0-9a-f]{6,}\b"
    r"|\b(?:permabots|jinja2|django|markupsafe|celery|builtins)\.[a-z_]\w*"
    r"|site-packages|\.py\b|__(?:main|builtins|globals|subclasses)__|Traceback|mappingproxy"
)
"""What Python writes of its own: no text of a bot, and none of its error messages, has it."""

PROCESS_SECRET = "ATTACKS_CANARY"
"""The variable of every process that nobody may read."""
OUTSIDE = "to another host: "
"""What a text in `Seen.left` begins with that went where its author's server never was meant to be asked."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is allowed.

    Args:
        seconds: of one step, of processor time and of time.
        megabytes: of new memory.
    """

    seconds: float = 2.3
    megabytes: float = 50.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an entry.

    Args:
        outcome: in a few words.
        left: texts that leave for others: messages, buttons, requests.
        told: all that its author is told.
        unforeseen: whether it is an error that nobody meant.
    """

    outcome: str
    left: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unforeseen: bool = False


@dataclass(frozen=True, slots=True)
class Canaries:
    """What nobody may get at.

    Args:
        secrets: the texts.
        marker: a file that only code which got out of its template makes.
    """

    secrets: tuple[str, ...]
    marker: Path


@dataclass(slots=True)
class Finding:
    """One entry in one place.

    Args:
        entry: as it was tried.
        place: where.
        outcome: in a few words.
        cpu: seconds of processor time of its longest step.
        wall: seconds of its longest step.
        megabytes: new memory.
        reached: what it got at.
        died: whether the process ended, or hung and had to be ended.
        unforeseen: whether it is an error that nobody meant.
    """

    entry: Entry
    place: str
    outcome: str
    cpu: float = 0.0
    wall: float = 0.0
    megabytes: float = 0.0
    reached: list[str] = field(default_factory=list)
    died: bool = False
    unforeseen: bool = False

    def broken(self, bounds: Bounds) -> list[str]:
        """Return the bounds that it broke."""
        found = {
            "reached": bool(self.reached),
            "slow": max(self.cpu, self.wall) > bounds.seconds,
            "large": self.megabytes > bounds.megabytes,
            "died": self.died,
            "unforeseen": self.unforeseen,
        }
        return [name for name, is_so in found.items() if is_so]


def reached(entry: Entry, seen: Seen, canaries: Canaries) -> list[str]:
    """Return what an entry got at. What its own source says may be quoted."""
    found = []
    if canaries.marker.exists():
        canaries.marker.unlink()
        found.append("its code was run")
    texts = [*seen.left, *seen.told]
    found += [f"the secret {secret}" for secret in canaries.secrets if _in(secret, texts)]
    found += sorted({f"insides: {word:.60}" for text in texts for word in _insides(entry, text)})
    found += [text for text in seen.left if text.startswith(OUTSIDE)]
    return found + [f"left its place: {text:.60}" for text in entry.never if _never(text, seen.left)]


def _insides(entry: Entry, text: str) -> Iterable[str]:
    own = (entry.source, entry.message, entry.data)
    plain = unquote(html.unescape(text))
    return (word for word in INSIDES.findall(plain) if not any(word in written for written in own))


def _never(unwanted: str, texts: Iterable[str]) -> bool:
    return unwanted[1:] in texts if unwanted.startswith("=") else _in(unwanted, texts)


def _in(wanted: str, texts: Iterable[str]) -> bool:
    return any(wanted in text for text in texts)
