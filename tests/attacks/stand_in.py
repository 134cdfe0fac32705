"""An evaluator for `tests.attacks.child` that does what it is told: to see that what must be found is found."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def evaluate(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do as the source says: a word, then what it is about; returns the fields of a `Seen`."""
    word, _, about = asked["source"].partition(" ")
    made = DEEDS.get(word, str)(about)
    if word == "tell":
        return {"outcome": "error", "told": [made]}
    return {"outcome": "answered", "left": [about], "unforeseen": word == "fail"}


def spin(seconds: str) -> None:
    """Use processor time."""
    end = time.process_time() + float(seconds)
    while time.process_time() < end:
        pass


DEEDS: Mapping[str, Any] = {
    "spin": spin,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "take": lambda size: b"x" * int(size),
    "touch": lambda path: Path(path).touch(),
    "die": lambda _: os._exit(1),
    "tell": lambda name: os.environ.get(name, name),
}
