"""Values for templates: what a person may write, and JSON as an API may answer it."""

from __future__ import annotations

from typing import Any

from tests.engine.templates_properties.choices import Choices

HOSTILE = (
    *(
        "x",
        "",
        " ",
        "b",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\ud83d",
        "\u2028",
        "'",
        '"',
        "\\",
        "\\'",
        '\\"',
        "<",
        ">",
        "&",
        "`",
    ),
    *("<b>x</b>", "</b>", "<b", "b>", '<a href="http://evil.example">x</a>', "&lt;b&gt;", "&#60;b&#62;", "&amp;amp;"),
    *(
        '" onclick="x',
        "' x='",
        "']]",
        "', 'x",
        "'), ('",
        '"}',
        '", "x": "y',
        "}}",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "{#",
        "#",
    ),
    *("..", ".", "/", "/../", "%2e%2e", "%2F", "?a=b", "a&b=c", "#f", "@evil.example", "//evil.example", ":80", "a b"),
    *(
        "javascript:alert(1)",
        "http://evil.example/",
        "1",
        "-0",
        "1e5",
        "null",
        "true",
        "[1]",
        '{"a": 1}',
        "0x1f",
        "\u0661",
    ),
    *(
        "ß",
        "İ",
        "ǆ",
        "é",
        "漢字",
        "👩‍👩‍👧",
        "%s",
        "%(a)s",
        "{0}",
        "__class__",
        "a,b;c",
        "one two  three",
        "Hello World",
    ),
)
"""Texts that mean something to some notation."""

WORDS = ("", "a", "b", "ab", "Ab", "foo bar", "É", "12", "1.5", "a,b", " x ", "<i>", "a\nb c\n\nd", "it's", "&", "0")
SMALL = (0, 1, 2, 3, 5, -1, 7, 10, 20, 100)
LARGE = (2**53, 2**63 - 1, -(2**62), 10**15)
FRACTIONS = (0.5, 1.0, 2.25, -0.5, 3.14159, 0.1, 1e20, 1e-7, -0.0)


def text(choices: Choices) -> str:
    return choices.pick(HOSTILE) if choices.chance(5) else choices.pick(WORDS)


def hostile(choices: Choices) -> str:
    """Return one hostile text, or some of them together."""
    found = choices.pick(HOSTILE)
    while choices.chance(4):
        found += choices.pick(HOSTILE)
    return found


def whole(choices: Choices) -> int:
    return choices.pick(LARGE) if choices.chance(30) else choices.pick(SMALL)


def listed(choices: Choices, make: Any, most: int = 4) -> list[Any]:
    return [make(choices) for _ in range(choices.below(most + 1))]


def row(choices: Choices) -> dict[str, Any]:
    return {"name": text(choices), "n": whole(choices), "tags": listed(choices, text, 3)}


def tree(choices: Choices, depth: int = 2) -> list[Any]:
    kids = [] if depth == 0 else None
    return [
        {"name": text(choices), "kids": tree(choices, depth - 1) if kids is None else kids}
        for _ in range(choices.below(3))
    ]


def anything(choices: Choices, depth: int = 2) -> Any:
    """Return any JSON."""
    kind = choices.below(8 if depth else 6)
    if kind == 6:
        return [anything(choices, depth - 1) for _ in range(choices.below(4))]
    if kind == 7:
        return {text(choices): anything(choices, depth - 1) for _ in range(choices.below(4))}
    return [None, True, False, whole(choices), choices.pick(FRACTIONS), text(choices)][kind]


def context(choices: Choices) -> dict[str, Any]:
    """Return what a template sees, each name with a value of its own type (`expressions.NAMES`)."""
    return {
        "n": whole(choices),
        "m": choices.pick(SMALL),
        "f": choices.pick(FRACTIONS),
        "s": text(choices),
        "t": text(choices),
        "yes": choices.chance(2),
        "nothing": None,
        "xs": listed(choices, whole),
        "ys": listed(choices, text),
        "d": {choices.pick(("a", "b", "c", "items", "1")): whole(choices) for _ in range(choices.below(4))},
        "row": row(choices),
        "rows": listed(choices, row, 3),
        "tree": tree(choices),
        "deep": anything(choices, 3),
    }
