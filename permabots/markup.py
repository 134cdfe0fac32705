"""The grammar of marked-up texts, Telegram's HTML: which characters are a tag, and in which part of a tag a text ends.

The templates' escaping, the validators of authors' templates and the splitting of messages all use this one grammar.
"""

from __future__ import annotations

import re
import string
from html import unescape
from html.entities import html5

TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z-]*)"""
    r"""(?P<attributes>(?:\s+[^\s"'<>=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+))?)*)\s*>"""
)
"""A whole tag. Everything that does not match is text."""

ATTRIBUTE = re.compile(r"""([^\s"'<>=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+)))?""")

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "tg", "ton"})
"""The schemes that the address of a link may have; an address without a scheme is allowed too."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_SCHEME = re.compile(r"[\x00-\x20]*([^/?#:]*):")

TEXT, OPENED, ENDING, NAME, BLANK, ATTRIBUTE_NAME, NAMED, EQUALS = range(8)
UNQUOTED, DOUBLE, SINGLE, QUOTED = range(8, 12)
"""The states of the reader, by where a text ends: between tags; after ``<``, ``</``, a tag's name, a blank, an
attribute's name, an attribute's name and a blank, ``=``; inside a value without quotes, with double quotes, with single
quotes; after the closing quote."""

_LETTERS = frozenset(string.ascii_letters)
_DEAD = -1


def may_open(address: str) -> bool:
    """Return whether a link may have this address: its scheme is allowed, or it has no scheme."""
    scheme = _SCHEME.match(address)
    return scheme is None or scheme[1].strip().lower() in LINK_SCHEMES


def decode(text: str) -> str:
    """Return text with its entities as characters: named and numeric ones, each with its semicolon."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    reference = entity.group()
    # html.unescape also decodes an old name at the beginning of a longer word; here only whole names are decoded.
    return unescape(reference) if reference[1] == "#" or reference[1:] in html5 else reference


def attribute(attributes: str, wanted: str) -> str | None:
    """Return the value of one attribute of a tag, decoded.

    Args:
        attributes: the attributes as they stand in the tag.
        wanted: the attribute's name, in lower case.

    Returns:
        "" for an attribute without a value, None where the tag has no such attribute.
    """
    for match in ATTRIBUTE.finditer(attributes):
        if match[1].lower() == wanted:
            return decode(match[2] or match[3] or match[4] or "")
    return None


def refused_links(text: str) -> list[str]:
    """Return the addresses of a text's links whose scheme is not allowed."""
    if "<a" not in text and "<A" not in text:
        return []
    return [address for tag in TAG.finditer(text) if (address := _refused_address(tag)) is not None]


def without_refused_links(text: str) -> str:
    """Return the text without the tags of links whose scheme is not allowed; the words of such a link stay."""
    open_links: list[bool] = []

    def written(tag: re.Match[str]) -> str:
        if tag["name"].lower() != "a":
            return tag[0]
        if not tag["end"]:
            open_links.append(_refused_address(tag) is not None)
            return "" if open_links[-1] else tag[0]
        return "" if open_links and open_links.pop() else tag[0]

    return TAG.sub(written, text)


def _refused_address(tag: re.Match[str]) -> str | None:
    if tag["end"] or tag["name"].lower() != "a":
        return None
    address = attribute(tag["attributes"], "href")
    return address if address and not may_open(address) else None


def advance(state: int, text: str) -> tuple[int, int, int]:
    """Read the next piece of a text.

    Characters that began like a tag and are none are text, and are read again for tags inside of them, as `TAG` does.

    Args:
        state: the state in which the previous piece ended.
        text: the next piece.

    Returns:
        The state at the end of the piece; the position in `text` at which a tag begun in an earlier piece proved to be
        none, or -1; the position at which a tag begins that is still open at the end of the piece, or -1 where no tag
        is open or the open tag began in an earlier piece.
    """
    failed_at = started = -1
    position = 0
    while position < len(text):
        if state == TEXT:
            started = text.find("<", position)
            if started < 0:
                break
            state, position = OPENED, started + 1
            continue
        state = _step(state, text[position])
        if state == _DEAD:
            if started < 0:
                failed_at = position
            else:
                position = started + 1
            state, started = TEXT, -1
            continue
        position += 1
        if state == TEXT:
            started = -1
    return state, failed_at, started if state != TEXT else -1


def _step(state: int, character: str) -> int:
    """Return the state after one more character of a tag; `_DEAD` where the characters are no tag."""
    if state in (DOUBLE, SINGLE):
        return QUOTED if character == ('"' if state == DOUBLE else "'") else state
    kind = character if character in _SIGNS else " " if character.isspace() else "x"
    return _STEPS.get((state, "a" if kind == "x" and character in _LETTERS else kind), _DEAD)


_SIGNS = frozenset("<>/=\"'-")
_ANYTHING = "ax-"
"""Letters, other characters, and the hyphen, which may stand in the name of a tag."""

_STEPS: dict[tuple[int, str], int] = {
    **{(state, ">"): TEXT for state in (NAME, BLANK, ATTRIBUTE_NAME, NAMED, UNQUOTED, QUOTED)},
    **{(state, " "): BLANK for state in (NAME, BLANK, UNQUOTED, QUOTED)},
    **{(state, " "): NAMED for state in (ATTRIBUTE_NAME, NAMED)},
    **{(state, kind): ATTRIBUTE_NAME for state in (BLANK, ATTRIBUTE_NAME, NAMED) for kind in _ANYTHING},
    **{(state, kind): UNQUOTED for state in (EQUALS, UNQUOTED) for kind in _ANYTHING + "/"},
    (OPENED, "/"): ENDING,
    (OPENED, "a"): NAME,
    (ENDING, "a"): NAME,
    (NAME, "a"): NAME,
    (NAME, "-"): NAME,
    (ATTRIBUTE_NAME, "="): EQUALS,
    (NAMED, "="): EQUALS,
    (EQUALS, " "): EQUALS,
    (EQUALS, '"'): DOUBLE,
    (EQUALS, "'"): SINGLE,
}
