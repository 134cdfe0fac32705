"""The grammar of marked-up texts, Telegram's HTML: what is a tag in it, and where in one a text ends.

The places of values in templates, the check of what authors write and the cutting of messages read markup by this
grammar, and by no other.
"""

from __future__ import annotations

import re
import string

TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z-]*)"""
    r"""(?P<attributes>(?:\s+[^\s"'<>=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+))?)*)\s*>"""
)
"""A whole tag. What does not fit is text."""

ATTRIBUTE = re.compile(r"""([^\s"'<>=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+)))?""")

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "tg", "ton"})
"""What the address of a link may begin with; one without any scheme is taken too."""

_SCHEME = re.compile(r"[\x00-\x20]*([^/?#:]*):")

TEXT, OPENED, ENDING, NAME, BLANK, ATTRIBUTE_NAME, NAMED, EQUALS = range(8)
UNQUOTED, DOUBLE, SINGLE, QUOTED = range(8, 12)
"""Where a text ends: between tags; or behind ``<``, ``</``, a tag's name, a blank, an attribute's name, that and a
blank, ``=``; in a value without, with double, with single quotes; behind the closing quote."""

_LETTERS = frozenset(string.ascii_letters)
_NAME_CHARACTERS = _LETTERS | {"-"}
_DEAD = -1


def may_open(address: str) -> bool:
    """Whether a link may have this address: its scheme is allowed, or it has none."""
    scheme = _SCHEME.match(address)
    return scheme is None or scheme[1].strip().lower() in LINK_SCHEMES


def advance(state: int, text: str) -> tuple[int, int, int]:
    """Read on.

    Args:
        state: where what was read before ends.
        text: what follows.

    Returns:
        Where it ends now; the position in `text` at which what began before it turned out to be no tag, -1 for none;
        the position at which the tag begins that is open at its end, -1 for none or one from before.
    """
    died = started = -1
    inherited = state != TEXT
    position = 0
    while position < len(text):
        if state == TEXT:
            position = text.find("<", position)
            if position < 0:
                break
            state, started, inherited = OPENED, position, False
            position += 1
            continue
        following = _step(state, text[position])
        if following == _DEAD:
            if inherited:
                died, inherited = position, False
            state, started = TEXT, -1
            continue
        position += 1
        if following == TEXT:
            started, inherited = -1, False
        state = following
    return state, died, started if state != TEXT else -1


def _step(state: int, character: str) -> int:
    """Return where one more character of a tag leads; `_DEAD` where it is no tag."""
    if state in (DOUBLE, SINGLE):
        return QUOTED if character == ('"' if state == DOUBLE else "'") else state
    if state in (OPENED, ENDING):
        if character == "/" and state == OPENED:
            return ENDING
        return NAME if character in _LETTERS else _DEAD
    if character == ">":
        return _DEAD if state == EQUALS else TEXT
    if character.isspace():
        return _AFTER_BLANK.get(state, BLANK)
    if state == NAME:
        return NAME if character in _NAME_CHARACTERS else _DEAD
    if state == EQUALS:
        return {'"': DOUBLE, "'": SINGLE}.get(character) or (_DEAD if character in "<=" else UNQUOTED)
    if character == "=" and state in (ATTRIBUTE_NAME, NAMED):
        return EQUALS
    if state == QUOTED or character in "\"'<=":
        return _DEAD
    if state == UNQUOTED:
        return UNQUOTED
    return _DEAD if character == "/" else ATTRIBUTE_NAME


_AFTER_BLANK = {ATTRIBUTE_NAME: NAMED, NAMED: NAMED, EQUALS: EQUALS}
