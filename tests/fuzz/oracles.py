"""What must hold of anything that is made of an input."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

LARGEST = 1_000_000
"""Characters that one input may become at most, as JSON."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"\d+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def check_storable(value: Any, about: str, most: int = LARGEST) -> None:
    """Assert that a value is JSON that every database takes, of bounded size."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, default=_date)
    assert not _UNSTORABLE.search(text), f"{about} holds NUL or a lone surrogate"
    assert "\\u0000" not in text.replace("\\\\", ""), f"{about} holds NUL"
    assert len(text) <= most, f"{about} has {len(text)} characters"


def _date(value: object) -> str:
    assert isinstance(value, datetime), f"{type(value)} is no JSON"
    return str(value)


def outcome_of(error: BaseException) -> str:
    """Return an error in words that are the same for all inputs of its kind: nothing of the input is in them."""
    words = _QUOTED.sub("…", str(error).partition(": ")[0])
    return f"{type(error).__name__} {_NUMBER.sub('9', words)[:80]}"


def as_text(data: bytes) -> str:
    """Return bytes as a text, lone surrogates too."""
    return (
        data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace")
        if _is_wtf8(data)
        else data.decode("latin-1")
    )


def _is_wtf8(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
