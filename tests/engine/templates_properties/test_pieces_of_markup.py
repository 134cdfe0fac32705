"""Any pieces of markup, any values between them: tags and attributes are those that harmless values give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.engine.templates.kinds import TEXT
from permabots.engine.templates.rendered_text import Author, Literal
from permabots.markup import ATTRIBUTE, TAG
from tests.engine.templates.rendering import text
from tests.engine.templates_properties.engine import examples, no_timeout

AUTHORS = (
    "<",
    ">",
    "</",
    "<a ",
    "<b>",
    "</b>",
    '"',
    "'",
    '<a href="',
    "<a b=",
    " title=",
    '"x',
    ">x",
    "=",
    " ",
    "'>",
    "x",
)
VALUES = ("", '"', "'", "<", ">", '" x="y', " z='q", "a b", "=", "</b>", "&", "x", '">', " onclick=1 ")

Piece = tuple[bool, str]


def tags(markup: str) -> list[tuple[str, str, list[str]]]:
    """Return each tag of a text: whether it ends one, its name, the names of its attributes."""
    return [
        (tag["end"], tag["name"], [found[0] for found in ATTRIBUTE.findall(tag["attributes"])])
        for tag in TAG.finditer(markup)
    ]


def written(pieces: list[Piece], harmless: bool) -> str:
    kinds = (Literal, Author)
    found: list[str] = []
    for number, (is_authors, piece) in enumerate(pieces):
        if is_authors:
            found.append(kinds[number % 2](piece))
        else:
            found.append(f"v{number}" if harmless and piece else piece)
    return TEXT.write(found)


@no_timeout
@examples(600)
@given(
    st.lists(
        st.tuples(st.just(True), st.sampled_from(AUTHORS)) | st.tuples(st.just(False), st.sampled_from(VALUES)),
        min_size=2,
        max_size=8,
    )
)
def test_no_value_makes_or_changes_a_tag_whatever_stands_around_it(pieces: list[Piece]) -> None:
    assert tags(written(pieces, harmless=False)) == tags(written(pieces, harmless=True))


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        (
            '{% set u %}<a href="https://e.com/{{ s }}">x</a>{% endset %}<a title="{{ u }}" href="https://e.com/">y</a>',
            '" onclick="x',
            '&lt;a title="&lt;a href="https://e.com/" onclick="x">x</a>" href="https://e.com/">y</a>',
        ),
        ('<a title="<b c="x{{ s }}">', '" d="e', '<a title="<b c="x&quot; d=&quot;e">'),
        ('<a title="<b>{{ s }}</b>', "x", '&lt;a title="&lt;b>x&lt;/b>'),
    ],
)
def test_what_turns_out_to_be_no_tag_is_read_again_for_tags_inside_of_it(
    source: str, value: str, expected: str
) -> None:
    assert text(source, s=value) == expected
