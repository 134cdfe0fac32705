"""Character sets that strangers may name for a text: an author's API, and whoever calls."""

from __future__ import annotations

import codecs
import re

_CHARACTER_SETS = re.compile(
    "ascii$|big5|cp[0-9]|euc_|gb[0-9k]|hp-|hz|iso2022|iso8859|johab|koi8|kz|mac-|ptcp|shift_jis|tis-|utf-(?:8$|16|32)"
)
"""Beginnings of the names of codecs that are character sets. Python has others: some decode to bytes (``base64``) or to
nothing (``undefined``), some take time without limit (``idna``; ``punycode``: minutes for a large body), and
a host project may have added more."""


def character_set(name: str) -> str:
    """Return the name that Python has for a character set, "" where it is none.

    Args:
        name: as somebody wrote it.
    """
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):  # no such codec, or no name of one
        return ""
    return found if _CHARACTER_SETS.match(found) else ""
