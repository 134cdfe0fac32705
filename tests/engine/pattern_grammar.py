"""Random regular expressions of Python's `re`, each with a text it is likely to match."""

from __future__ import annotations

import re
import string
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import assume
from hypothesis import strategies as st

# Letters with unusual cases, marks, digits and blanks beyond ASCII, separators, line ends, a lone surrogate.
LETTERS = [*"abAkKsSiI09 _-/.{[(|^$\n\t", *"éßẞſİıΣσςяЯжǅ٣²Ⅳनि😀漢", "\u212a", "\x00", "\x1c", "\x85", "\xa0", "\ud800"]
CATEGORIES = {
    r"\d": "0٣",
    r"\D": "a漢",
    r"\s": " \n\x1c\xa0",
    r"\S": "aж",
    r"\w": "a_9éनж",
    r"\W": " -😀ि",
    ".": "ab漢 ",
}
CLASSES = [
    ("[abk]", "k"),
    ("[^ab]", "s"),
    ("[a-z]", "K"),
    ("[^a-z]", "S"),
    ("[0-9_]", "0"),
    (r"[\w-]", "न"),
    (r"[^\w-]", " "),
    (r"[\d\s]", "٣"),
    (r"[^\s\d]", "a"),
    (r"[\W_]", "_"),
    (r"[\s\S]", "\n"),
    (r"[^\s\S]", ""),
    ("[ж-яё]", "Ж"),
    ("[^ж-я]", "ж"),
    ("[ſİßǅ]", "ß"),
    ("[σς]", "Σ"),
    ("[\u212a-\u2170]", "ⅳ"),
    ("[\x00-\x1f\ud800]", "\ud800"),
    ("[😀-😎漢]", "😀"),
    (r"[]\[-]", "["),
    ("[[:alpha:]]", ":]"),
    ("[+--b&&|]", "&"),
]
ANCHORS = ["^", "$", r"\A", r"\Z", r"\b", r"\B"]
COUNTS = {"?": (0, 1), "*": (0, 3), "+": (1, 3), "{2}": (2, 2), "{1,3}": (1, 3), "{2,}": (2, 3), "{,2}": (0, 2)}

Sample = tuple[str, str]
"""A pattern and a text that it may match."""


@dataclass
class Scope:
    """The groups so far: all, and those a reference may name."""

    groups: int = 0
    closed: list[int] = field(default_factory=list)
    capturing: bool = True


def literal(char: str) -> str:
    return char if char in string.ascii_letters + string.digits else re.escape(char)


@st.composite
def one_char(draw: st.DrawFn) -> Sample:
    kind = draw(st.sampled_from(["literal", "literal", "literal", "category", "class"]))
    if kind == "category":
        category = draw(st.sampled_from(sorted(CATEGORIES)))
        return category, draw(st.sampled_from(CATEGORIES[category]))
    if kind == "literal":
        char = draw(st.sampled_from(LETTERS))
        return literal(char), draw(st.sampled_from([char, char.swapcase(), char.lower()[:1], char]))
    return draw(st.sampled_from(CLASSES))


@st.composite
def element(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    kinds = ["char"] * 4 + ["anchor"] + (["repeat"] * 3 + ["group"] * 3 + ["branch", "look", "scope"] if depth else [])
    kind = draw(st.sampled_from(kinds + (["reference", "condition"] if scope.closed and depth else [])))
    if kind == "char":
        return draw(one_char())
    if kind == "anchor":
        return draw(st.sampled_from(ANCHORS)), ""
    if kind == "reference":
        return f"(?:\\{draw(st.sampled_from(scope.closed))})", draw(st.sampled_from(["a", "", "ab"]))
    return draw(MAKERS[kind](scope, depth - 1))


@st.composite
def sequence(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    parts = [draw(element(scope, depth)) for _ in range(draw(st.integers(1, 3)))]
    return "".join(pattern for pattern, _ in parts), "".join(text for _, text in parts)


@st.composite
def branch(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    options = [draw(sequence(scope, depth)) for _ in range(draw(st.integers(2, 3)))]
    return "(?:" + "|".join(pattern for pattern, _ in options) + ")", draw(st.sampled_from(options))[1]


@st.composite
def group(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    if not scope.capturing:
        return draw(branch(scope, depth))
    scope.groups += 1
    number = scope.groups
    pattern, text = draw(sequence(scope, depth))
    scope.closed.append(number)
    return draw(st.sampled_from([f"({pattern})", f"(?P<g{number}>{pattern})"])), text


@st.composite
def repeat(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    count, mode = draw(st.sampled_from(sorted(COUNTS))), draw(st.sampled_from(["", "", "?", "+"]))
    # Python's own matcher loses groups inside possessive repeats, or fails on them.
    inner = Scope(scope.groups, list(scope.closed), capturing=False) if mode == "+" else scope
    pattern, text = draw(sequence(inner, depth))
    return f"(?:{pattern}){count}{mode}", text * draw(st.integers(*COUNTS[count]))


@st.composite
def look(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    opening = draw(st.sampled_from(["(?=", "(?!", "(?<=", "(?<!", "(?>"]))
    pattern, text = draw(sequence(scope, depth))
    return f"{opening}{pattern})", text if opening in ("(?=", "(?<=", "(?>") else ""


@st.composite
def scoped(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    pattern, text = draw(sequence(scope, depth))
    flags = draw(st.sampled_from(["i", "s", "m", "im", "-i", "i-s", "x"]))
    return f"(?{flags}:{pattern})", draw(st.sampled_from([text, text.swapcase()]))


@st.composite
def condition(draw: st.DrawFn, scope: Scope, depth: int) -> Sample:
    (yes, text), (no, other) = draw(sequence(scope, depth)), draw(sequence(scope, depth))
    return f"(?({draw(st.sampled_from(scope.closed))}){yes}|{no})", draw(st.sampled_from([text, other]))


MAKERS: dict[str, Callable[[Scope, int], st.SearchStrategy[Sample]]] = {
    "repeat": repeat,
    "group": group,
    "branch": branch,
    "look": look,
    "scope": scoped,
    "condition": condition,
}


@st.composite
def samples(draw: st.DrawFn, depth: int = 2) -> Sample:
    """Return a pattern that `re` takes, and a text resembling what it matches."""
    flags = draw(st.sampled_from(["", "", "", "(?i)", "(?s)", "(?m)", "(?x)", "(?a)", "(?ai)", "(?im)", "(?#note)"]))
    pattern, text = draw(sequence(Scope(), depth))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(flags + pattern)
        except re.error:
            assume(False)
    around = st.text(st.sampled_from(["a", " ", "\n", "0", "é", "\ud800", "x"]), max_size=2)
    text = draw(around) + draw(st.sampled_from([text, text.swapcase(), text[1:], text[:-1]])) + draw(around)
    return flags + pattern, text[:16]
