"""Reading Telegram's HTML piece by piece: entities, start tags, attributes, end tags; each refused in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAGS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
"""Every tag there is -> the ``type`` of the MessageEntity it makes."""

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_BLANKS = " \t\r\n\v"

_SPACE = re.compile(rf"[{_BLANKS}]*")
_PLAIN = re.compile(r"[^<&]+")
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*))")
_TAG_NAME = re.compile(rf"[^{_BLANKS}>]*")
_ATTRIBUTE_NAME = re.compile(rf"[^{_BLANKS}=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


class HtmlError(Exception):
    """The text is not Telegram's HTML; the message is what follows ``can't parse entities:``."""


@dataclass(slots=True)
class Scanner:
    """A place in a text, and what can be taken there.

    Args:
        source: the text.
        position: index of the next character.
    """

    source: str
    position: int = 0

    @property
    def next(self) -> str:
        """The next character, "" at the end."""
        return self.source[self.position : self.position + 1]

    def fail(self, text: str, position: int) -> HtmlError:
        """Return the error that names a place by its offset in bytes of UTF-8."""
        return HtmlError(f"{text} at byte offset {len(self.source[:position].encode())}")

    def plain(self) -> str:
        """Take what stands before the next tag or entity."""
        return self._take(_PLAIN)

    def entity(self) -> str:
        """Take the entity here; returns its character, or ``&`` alone where there is no entity."""
        match = _ENTITY.match(self.source, self.position)
        character = _character(match) if match else ""
        if match is None or not character:
            self.position += 1
            return "&"
        self.position = match.end() + self.source.startswith(";", match.end())
        return character

    def start_tag(self) -> tuple[str, str]:
        """Take a start tag; returns its name, and the value of the attribute that the tag has, else ""."""
        begin = self.position
        self.position += 1
        name = self._take(_TAG_NAME).lower()
        if not self.next:
            raise self.fail("Unclosed start tag", begin)
        if name not in TAGS:
            raise self.fail(f'Unsupported start tag "{name}"', begin)
        argument = ""
        while self.next != ">":
            self._take(_SPACE)
            if self.next != ">":
                argument = self._attribute(name, begin) or argument
        if name == "span" and argument != "tg-spoiler":
            raise self.fail('Tag "span" must have class "tg-spoiler"', begin)
        self.position += 1
        return name, argument

    def end_tag(self) -> str:
        """Take an end tag; returns its name, which may be empty."""
        begin = self.position
        self.position += 2
        name = self._take(_TAG_NAME).lower()
        self._take(_SPACE)
        if self.next != ">":
            raise self.fail("Unclosed end tag", begin)
        self.position += 1
        return name

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.position)
        taken = match.group() if match else ""
        self.position += len(taken)
        return taken

    def _attribute(self, tag: str, begin: int) -> str:
        name = self._take(_ATTRIBUTE_NAME)
        if not name:
            raise self.fail(f'Empty attribute name in the tag "{tag}"', begin)
        self._take(_SPACE)
        if not self.next:
            raise self.fail(f'Unclosed start tag "{tag}"', begin)
        if self.next != "=":
            return _argument(tag, name, name)
        self.position += 1
        self._take(_SPACE)
        if not self.next:
            raise self.fail(f'Unclosed start tag "{tag}"', begin)
        value = self._quoted() if self.next in "'\"" else self._token()
        if not self.next:
            raise self.fail("Unclosed start tag", begin)
        return _argument(tag, name, value)

    def _token(self) -> str:
        begin = self.position
        token = self._take(_TOKEN).lower()
        if self.next and self.next not in f"{_BLANKS}>":
            raise self.fail("Unexpected end of name token", begin)
        return token

    def _quoted(self) -> str:
        quote = self.next
        self.position += 1
        characters: list[str] = []
        while self.next not in (quote, ""):
            if self.next == "&":
                characters.append(self.entity())
            else:
                characters.append(self.next)
                self.position += 1
        self.position += len(self.next)
        return "".join(characters)


def _character(match: re.Match[str]) -> str:
    """Return what an entity stands for, "" where it stands for nothing."""
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, "")
    digits, base = (decimal, 10) if hexadecimal is None else (hexadecimal, 16)
    code = int(digits, base) if digits and len(match.group()) < 10 else 0
    return chr(code) if 0 < code < 0x10FFFF else ""


def _argument(tag: str, name: str, value: str) -> str:
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("span", "class") | ("blockquote", "expandable"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
    return ""
