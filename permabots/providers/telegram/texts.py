"""Splitting texts by Telegram's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from permabots.providers.base.markup import Run, escape, parse, plain
from permabots.providers.base.splitting import split_markup, split_text

TEXT = 4096
"""The longest visible text, in UTF-16 code units (Bot API, ``sendMessage``)."""

_SOURCE = 32_000
"""The longest source, in bytes: the Bot API's server refuses more than 32 KiB ("text is too long")."""
_ENTITIES = 9_000
"""The most bytes of entities: Telegram refuses more than about 9,500 (``ENTITIES_TOO_LONG``), as experiments show."""
_ENTITY = 16
_LINK = 4096
"""The longest address of a link; a longer one is written as text beside the link's words."""
_SAFE = 3_000
"""A source of so many characters is within both limits in any case."""


def parts(text: str) -> Iterator[str]:
    """Yield a marked-up text in parts that can be sent; none for a text without visible characters."""
    for part in split_markup(text, TEXT, "utf16"):
        yield from _fitting(part, TEXT)


def _fitting(part: str, size: int) -> Iterator[str]:
    """Yield a part as it is where it fits, else in smaller parts, and at last without markup."""
    if len(part) <= _SAFE or _fits(runs := parse(part), part):
        yield part
    elif size <= TEXT // 64 or any(len(tag.value or "") > _LINK for run in runs for tag in run.tags):
        yield from (escape(piece) for piece in split_text(plain(part), TEXT, "utf16"))
    else:
        for smaller in split_markup(part, size // 2, "utf16"):
            yield from _fitting(smaller, size // 2)


def _fits(runs: Sequence[Run], part: str) -> bool:
    """Whether a part is within the limits. Each run counts with all its tags: Telegram splits overlapping entities."""
    addresses = {id(tag): len((tag.value or "").encode()) for run in runs for tag in run.tags}
    entities = _ENTITY * sum(len(run.tags) for run in runs) + sum(addresses.values())
    return len(part.encode()) <= _SOURCE and entities <= _ENTITIES
