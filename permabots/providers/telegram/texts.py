"""Texts in parts that Telegram takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from permabots.providers.base.markup import Run, escape, parse, plain
from permabots.providers.base.splitting import split_markup, split_text

TEXT = 4096
"""UTF-16 code units of what is seen (Bot API, ``sendMessage``)."""

_SOURCE = 32_000
"""Bytes of the source: the Bot API's server refuses more than 32 KiB ("text is too long")."""
_ENTITIES = 9_000
"""Bytes of entities: Telegram refuses more than about 9,500 (``ENTITIES_TOO_LONG``), a number that people found out."""
_ENTITY = 16
_LINK = 4096
"""The longest address that a link of a text is given; it is written out beside its words where it is longer."""
_SAFE = 3_000
"""Characters of source that cannot pass either limit, whatever they are."""


def parts(text: str) -> Iterator[str]:
    """Yield a marked-up text in parts that can be sent; none for a text of which nothing is seen."""
    for part in split_markup(text, TEXT, "utf16"):
        yield from _fitting(part, TEXT)


def _fitting(part: str, size: int) -> Iterator[str]:
    """Yield a part as it is, else in smaller ones, in the end without markup."""
    if len(part) <= _SAFE or _fits(runs := parse(part), part):
        yield part
    elif size <= TEXT // 64 or any(len(tag.value or "") > _LINK for run in runs for tag in run.tags):
        yield from (escape(piece) for piece in split_text(plain(part), TEXT, "utf16"))
    else:
        for smaller in split_markup(part, size // 2, "utf16"):
            yield from _fitting(smaller, size // 2)


def _fits(runs: Sequence[Run], part: str) -> bool:
    """Whether a part is within the limits, each run counted with all its tags: Telegram cuts entities that overlap."""
    addresses = {id(tag): len((tag.value or "").encode()) for run in runs for tag in run.tags}
    entities = _ENTITY * sum(len(run.tags) for run in runs) + sum(addresses.values())
    return len(part.encode()) <= _SOURCE and entities <= _ENTITIES
