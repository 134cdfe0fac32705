"""The markup of texts, Telegram's HTML: parsed to runs of text, each with the tags around it, and written again.

When runs are written, every tag is closed in the right order, whatever the author wrote; so a text is split by
splitting its runs. Tags that are not part of this markup are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from permabots.markup import TAG, attribute, decode, may_open

_SIMPLE = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler", "pre"})
_ATTRIBUTE_OF = {"a": "href", "span": "class", "code": "class", "blockquote": "expandable", "tg-emoji": "emoji-id"}


@dataclass(frozen=True, slots=True, eq=False)
class Tag:
    """One opened tag. Two tags of the same name are not equal, so that adjacent quotations stay two.

    Args:
        name: the tag's name, in lower case.
        value: the value of its one attribute, decoded; None where it has none.
    """

    name: str
    value: str | None = None

    @property
    def start(self) -> str:
        """The start tag as markup."""
        if self.value is None:
            return f"<{self.name}>"
        value = f'="{escape(self.value, quote=True)}"' if self.value else ""
        return f"<{self.name} {_ATTRIBUTE_OF[self.name]}{value}>"

    @property
    def end(self) -> str:
        return f"</{self.name}>"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of visible text with the tags around it.

    Args:
        text: the text, with entities decoded.
        tags: the tags, outermost first.
    """

    text: str
    tags: tuple[Tag, ...] = ()


def parse(markup: str) -> list[Run]:
    """Parse marked-up text. No text is refused: unknown tags are text, and tags that are open at the end are closed.

    A tag inside of another one of the same name is left out; an end tag without a start is dropped; overlapping tags
    become nested. A link whose scheme is not allowed becomes its words.

    Args:
        markup: Telegram's HTML.

    Returns:
        Runs whose texts together are the visible text; none is empty.
    """
    runs: list[Run] = []
    open_tags: dict[str, Tag] = {}
    depth: dict[str, int] = {}
    position = 0
    for match in TAG.finditer(markup):
        name = match["name"].lower()
        tag = None if match["end"] else _tag(name, match["attributes"])
        if tag is None and not (match["end"] and _known(name)):
            continue  # an unknown tag is part of the text that follows
        _add(runs, markup[position : match.start()], open_tags)
        position = match.end()
        if tag is not None:
            depth[name] = depth.get(name, 0) + 1
            if name != "a" or not tag.value or may_open(tag.value):
                open_tags.setdefault(name, tag)
        elif depth.get(name):
            depth[name] -= 1
            if not depth[name]:
                open_tags.pop(name, None)
    _add(runs, markup[position:], open_tags)
    return runs


def tags(markup: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield every tag of a text.

    Args:
        markup: Telegram's HTML.

    Yields:
        The tag's name in lower case, whether it is an end tag, and whether it is part of this markup.
    """
    for match in TAG.finditer(markup):
        name, end = match["name"].lower(), bool(match["end"])
        yield name, end, _known(name) if end else _tag(name, match["attributes"]) is not None


def write(runs: Iterable[Run]) -> str:
    """Return runs as markup, with every tag closed and nested, and with the text escaped."""
    pieces: list[str] = []
    current: tuple[Tag, ...] = ()
    for run in runs:
        _switch(pieces, current, run.tags)
        pieces.append(escape(run.text))
        current = run.tags
    _switch(pieces, current, ())
    return "".join(pieces)


def visible(runs: Iterable[Run]) -> str:
    """Return the text that people see."""
    return "".join(run.text for run in runs)


def plain(markup: str) -> str:
    """Return marked-up text for a messenger that has no markup.

    Tags are dropped, entities are decoded, and a link becomes ``text (address)``, unless its text is the address.
    """
    pieces: list[str] = []
    for link, runs in groupby(parse(markup), key=_link):
        label = visible(runs)
        pieces.append(label)
        if link is not None and link.value and link.value != label.strip():
            pieces.append(f" ({link.value})")
    return "".join(pieces)


def escape(text: str, *, quote: bool = False) -> str:
    """Return text with ``& < >`` as entities, and ``"`` too inside an attribute."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;") if quote else escaped


def _known(name: str) -> bool:
    return name in _SIMPLE or name in _ATTRIBUTE_OF


def _tag(name: str, attributes: str) -> Tag | None:
    """Return the tag, or None where it is not part of this markup."""
    if name in _SIMPLE:
        return Tag(name)
    wanted = _ATTRIBUTE_OF.get(name)
    if wanted is None:
        return None
    value = attribute(attributes, wanted)
    if name == "span":
        return Tag(name, value) if value == "tg-spoiler" else None
    if name == "tg-emoji":
        return Tag(name, value) if value and value.isascii() and value.isdecimal() else None
    if name == "blockquote" and value is not None:
        return Tag(name, "")
    return Tag(name, value or None)


def _add(runs: list[Run], source: str, open_tags: dict[str, Tag]) -> None:
    if text := decode(source):
        runs.append(Run(text, tuple(open_tags.values())))


def _switch(pieces: list[str], current: Sequence[Tag], wanted: Sequence[Tag]) -> None:
    """Write the tags that close and open between two runs.

    Args:
        pieces: the markup so far; the tags are added to it.
        current: the tags around the first run.
        wanted: the tags around the second run.
    """
    kept = 0
    while kept < min(len(current), len(wanted)) and current[kept] is wanted[kept]:
        kept += 1
    pieces.extend(tag.end for tag in reversed(current[kept:]))
    pieces.extend(tag.start for tag in wanted[kept:])


def _link(run: Run) -> Tag | None:
    return next((tag for tag in run.tags if tag.name == "a"), None)
