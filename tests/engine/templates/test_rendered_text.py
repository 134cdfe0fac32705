"""Texts that know who wrote them keep it where each character's origin is known, and are values where it is not."""

from __future__ import annotations

import pytest

from permabots.engine.templates import Budget, RenderLimits
from permabots.engine.templates.rendered_text import (
    Author,
    Escaped,
    Literal,
    Rendered,
    Safe,
    Variable,
    cut,
    joined,
    mapped,
    pieces_of,
    rendered,
    replaced_in_place,
)
from permabots.exceptions import RenderLimitExceeded
from tests.engine.templates.rendering import text

MIXED = ["ab", Author("CD"), "ef", Safe("g"), Variable("h"), Escaped("i")]


def mixed() -> str:
    return joined(MIXED, Budget(RenderLimits()))


def shown(value: str) -> list[tuple[str, str]]:
    """Return the pieces of a text, each with who wrote it."""
    return [(type(piece).__name__, str(piece)) for piece in pieces_of(value)]


def test_texts_that_nobody_marked_are_joined_to_one() -> None:
    assert type(joined(["a", "b"], Budget(RenderLimits()))) is str


def test_a_joined_text_keeps_its_pieces_and_none_that_is_empty() -> None:
    whole = joined(["", mixed(), Author("")], Budget(RenderLimits()))
    assert whole == "abCDefghi"
    assert shown(whole) == [
        ("str", "ab"),
        ("Author", "CD"),
        ("str", "ef"),
        ("Safe", "g"),
        ("Variable", "h"),
        ("Escaped", "i"),
    ]


def test_one_piece_is_itself() -> None:
    author = Author("a")
    assert rendered([author]) is author
    assert type(rendered([])) is Rendered


def test_a_changed_text_keeps_who_wrote_it() -> None:
    assert shown(mapped(mixed(), str.upper, Budget(RenderLimits()))) == [
        ("str", "AB"),
        ("Author", "CD"),
        ("str", "EF"),
        ("Safe", "G"),
        ("Variable", "H"),
        ("Escaped", "I"),
    ]
    assert type(mapped("a", str.upper, Budget(RenderLimits()))) is str


def test_what_is_changed_of_a_literal_is_the_authors() -> None:
    assert shown(mapped(Literal("a"), str.upper, Budget(RenderLimits()))) == [("Author", "A")]


@pytest.mark.parametrize(
    ("start", "end", "pieces"),
    [
        (1, 3, [("str", "b"), ("Author", "C")]),
        (3, 8, [("Author", "D"), ("str", "ef"), ("Safe", "g"), ("Variable", "h")]),
        (2, 4, [("Author", "CD")]),
        (0, 99, shown(mixed())),
        (8, 9, [("Escaped", "i")]),
    ],
)
def test_a_part_keeps_who_wrote_it(start: int, end: int, pieces: list[tuple[str, str]]) -> None:
    assert shown(cut(mixed(), start, end, Budget(RenderLimits()))) == pieces


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 2), (99, 100)])
def test_a_part_of_nothing_is_nothing(start: int, end: int) -> None:
    assert cut(mixed(), start, end, Budget(RenderLimits())) == ""
    assert cut("abc", start, end, Budget(RenderLimits())) == ""


def test_characters_that_stay_in_their_places_keep_who_wrote_them() -> None:
    assert shown(replaced_in_place(mixed(), "AbCdEfGhI")) == [
        ("str", "Ab"),
        ("Author", "Cd"),
        ("str", "Ef"),
        ("Safe", "G"),
        ("Variable", "h"),
        ("Escaped", "I"),
    ]


@pytest.mark.parametrize(("value", "changed"), [(mixed(), "shorter"), ("plain", "PLAIN")])
def test_characters_that_have_moved_are_a_value(value: str, changed: str) -> None:
    assert type(replaced_in_place(value, changed)) is str


def test_what_is_joined_is_paid_for() -> None:
    budget = Budget(RenderLimits(max_bytes=10_000))
    with pytest.raises(RenderLimitExceeded):
        joined(["a" * 2_000, Author("b" * 2_000)], budget)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '<i>' ~ x ~ env.h }}", "<i>a&lt;<b>"),
        ("{{ ('<i>' ~ x)[1:] }}", "i>a&lt;"),
        ("{{ ('<i>' ~ x)[::-1] }}", "&lt;a&gt;i&lt;"),
        ("{{ ('<i>' ~ x)|upper }}", "<I>A&lt;"),
        ("{{ ('<i>' ~ x)|lower }}{{ ('<I>' ~ x).swapcase() }}", "<i>a&lt;<i>A&lt;"),
        ("{{ ('<i>' ~ x)|capitalize }}{{ ('<i>' ~ x)|title }}", "<i>a&lt;<I>a&lt;"),
        ("{{ ('ß<i>' ~ x)|capitalize }}", "Ss&lt;i&gt;a&lt;"),
        ("{{ (' <i>' ~ x ~ ' ')|trim }}", "<i>a&lt;"),
        ("{{ ('<i>' ~ x).strip('<') }}", "i>a"),
        ("{{ ('<i>' ~ x).removeprefix('<') }}{{ ('<i>' ~ x).removesuffix('<') }}", "i>a&lt;<i>a"),
        ("{{ ('<i>' ~ x).replace('a', '<u>') }}", "<i><u>&lt;"),
        ("{{ ('<i>' ~ x)|replace('i', x, 1) }}", "&lt;a&lt;>a&lt;"),
        ("{{ x|replace('', '<u>') }}", "<u>a<u>&lt;<u>"),
        ("{{ ('<i>,' ~ x).split(',')|join('<br>') }}", "<i><br>a&lt;"),
        ("{{ ('<i>\n' ~ x).splitlines()|join('<br>') }}", "<i><br>a&lt;"),
        ("{{ ('<i> ' ~ x).rsplit()|join('<br>') }}", "<i><br>a&lt;"),
        ("{{ '%s<u>%s' % (x, '<i>') }}", "a&lt;<u><i>"),
        ("{{ '%s<u>%5s' % (x, '<i>') }}", "a&lt;<u>  &lt;i&gt;"),
        ("{{ '{}<u>{}'.format(x, '<i>') }}{{ '{:>4}'.format('<i>') }}", "a&lt;<u><i> &lt;i&gt;"),
        ("{{ '<i>' * 2 }}{{ ('<i>' ~ x) * 2 }}", "<i><i>&lt;i&gt;a&lt;&lt;i&gt;a&lt;"),
        ("{{ '<i>'|center(5) }}{{ '<i>'.ljust(4) }}", " &lt;i&gt; &lt;i&gt; "),
        ("{{ '<i>'|reverse }}{{ '<i>'|wordwrap }}", "&gt;i&lt;&lt;i&gt;"),
        ("{{ '<i>'|list|join }}{{ '<i>'|first }}", "&lt;i&gt;&lt;"),
        ("{{ '<i>x<i>'.partition('x')|join }}", "&lt;i&gt;x&lt;i&gt;"),
        ("{{ ['<i>', x]|sort|join }}{{ ['<i>']|first }}", "<i>a&lt;<i>"),
        ("{{ {'k': '<i>'}.k }}{{ x or '<i>' }}{{ '<i>' if x }}{{ nope or '<i>' }}", "<i>a&lt;<i><i>"),
        ("{{ '<i>'|truncate(255) }}{{ ('<i>' ~ 'y' * 300)|truncate(9, true, '<br>') }}", "<i>&lt;i&gt;yy<br>"),
        ("{{ ('<i>' ~ x)|e }}{{ ('<i>' ~ x)|safe }}", "&lt;i&gt;a&lt;&lt;i&gt;a&lt;"),
        ("{{ ('<i>' ~ x)|string ~ 1 }}", "<i>a&lt;1"),
        ("{{ '<i>{}</i>'|replace('{}', x) }}", "<i>a&lt;</i>"),
        ("{{ '<i>'|indent(2, true) }}{{ '<i>'|striptags }}", "  &lt;i&gt;"),
        ("{{ ('<i>' ~ x)|length }}{{ '<i>' ~ x == '<i>a<' }}{{ '<' in '<i>' ~ x }}", "5TrueTrue"),
    ],
)
def test_operations_keep_the_authors_words_apart_where_they_know_them(source: str, expected: str) -> None:
    assert text(source, x="a<", env={"h": "<b>"}) == expected
