"""Every emoji by name: ``emoji.<name>`` in templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from emoji import EMOJI_DATA
from emoji.unicode_codes import STATUS

_VARIATION_SELECTOR = "\N{VARIATION SELECTOR-16}"
_OTHER_CHARACTERS = re.compile(r"[\W_]+")


def template_name(name: str) -> str:
    """Return a name as it is written in templates: in lower case, with ``_`` for every run of other characters."""
    return _OTHER_CHARACTERS.sub("_", name.lower()).strip("_")


def _unicode_name(emoji: str) -> str | None:
    """Return the characters' Unicode names joined by ``_plus_``; None where Python does not have one of them."""
    names = [_character_name(character) for character in emoji if character != _VARIATION_SELECTOR]
    return "_plus_".join(names) if all(names) else None


@cache
def _character_name(character: str) -> str:
    return template_name(unicodedata.name(character, ""))


def _short_names(facts: Mapping[str, object]) -> Iterator[str]:
    yield str(facts["en"])
    aliases = facts.get("alias", ())
    if isinstance(aliases, list):
        yield from aliases


def _table() -> Mapping[str, str]:
    """Build the table: a Unicode name wins over a short name, a fully qualified emoji over its shorter spellings."""
    complete = sorted(EMOJI_DATA.items(), key=lambda item: item[1]["status"] > STATUS["fully_qualified"])
    table: dict[str, str] = {}
    for emoji, _ in complete:
        if name := _unicode_name(emoji):
            table.setdefault(name, emoji)
    for emoji, facts in complete:
        for short in _short_names(facts):
            table.setdefault(template_name(short), emoji)
    table.pop("", None)
    return MappingProxyType(table)


EMOJI: Mapping[str, str] = _table()
"""Emoji by name, read-only.

A name is the Unicode character name in lower case with ``_`` between words (``pile_of_poo``); for a sequence the names
joined by ``_plus_``, variation selectors left out (``digit_one_plus_combining_enclosing_keycap``). After these the CLDR
short names and their aliases (``thumbsup``), where no Unicode name has taken the same letters.
"""
