"""Marked-up texts for tests, sound and broken, and a check of their own that does not trust the code under test."""

from __future__ import annotations

import re

from hypothesis import strategies as st

_PIECES = [
    *("<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<pre>", "</pre>", "<tg-spoiler>", "</tg-spoiler>", "<br>"),
    *("<blockquote>", "<blockquote expandable>", "</blockquote>", '<span class="tg-spoiler">', "<span>", "</span>"),
    *('<a href="https://example.com/?a=1&amp;b=2">', "<a>", "</a>", "<a ", "</", "<", ">", "/", "=", '"', "'"),
    *("&", "&amp;", "&lt;", "&#128077;", "&#10;", "&nope;"),
]
_FAMILY = "👨\u200d👩\u200d👧\u200d👦"
_TEXTS = [" ", "\n", "\t", "\xa0", "word", "ünï", "👍", "👍🏽", _FAMILY, "🇩🇪", "e\u0301", "☺\ufe0f", "\u200d"]

_TAG = re.compile(r"<(/?)([a-z-]+)((?: [a-z-]+(?:=\"[^\"<>]*\")?)?)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot);")


def any_markup() -> st.SearchStrategy[str]:
    """Return texts of tags, pieces of tags, entities, blanks and characters of several code points, in any order."""
    piece = st.sampled_from(_PIECES) | st.sampled_from(_TEXTS) | st.text(max_size=6)
    return st.lists(piece, max_size=40).map("".join)


def check_balanced(markup: str) -> None:
    """Assert that every tag is closed in order and every other ``< > &`` is an entity."""
    stack: list[str] = []
    for end, name, _ in _TAG.findall(markup):
        if end:
            assert stack.pop() == name
        else:
            stack.append(name)
    assert not stack
    rest = _ENTITY.sub("", _TAG.sub("", markup))
    assert not set(rest) & set("<>&")
