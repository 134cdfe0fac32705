"""The grammar of marked-up texts: tags, attributes, entities, addresses, and where a text ends."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from permabots import markup

SOURCES = st.lists(st.sampled_from([*"<>/=\"' a-b5&\n", "<a ", ' href="', "</a>", "<b>", "='"]), max_size=12).map(
    "".join
)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", markup.TEXT),
        ("a > b", markup.TEXT),
        ("<", markup.OPENED),
        ("</", markup.ENDING),
        ("<a", markup.NAME),
        ("</tg-x", markup.NAME),
        ("<a ", markup.BLANK),
        ("<a\n", markup.BLANK),
        ("<a h", markup.ATTRIBUTE_NAME),
        ("<a 5-é", markup.ATTRIBUTE_NAME),
        ("<a h ", markup.NAMED),
        ("<a h b", markup.ATTRIBUTE_NAME),
        ("<a h =", markup.EQUALS),
        ("<a h= ", markup.EQUALS),
        ("<a h=x/", markup.UNQUOTED),
        ("<a h=x ", markup.BLANK),
        ('<a h="<>', markup.DOUBLE),
        ("<a h='\"", markup.SINGLE),
        ("<a h='' ", markup.BLANK),
        ('<a h="x"', markup.QUOTED),
        ('<a h="x">', markup.TEXT),
        ("<a>", markup.TEXT),
        ("</a >", markup.TEXT),
        ("<a h>", markup.TEXT),
        ("<a h =x>", markup.TEXT),
        ("<5", markup.TEXT),
        ("< a", markup.TEXT),
        ("<//", markup.TEXT),
        ("<a/", markup.TEXT),
        ("<a =", markup.TEXT),
        ('<a h="x"y', markup.TEXT),
        ("<a h=x=", markup.TEXT),
        ("<a h=>", markup.TEXT),
        ("<a <b", markup.NAME),
        ("<<", markup.OPENED),
    ],
)
def test_a_text_ends_in_a_place(text: str, state: int) -> None:
    assert markup.advance(markup.TEXT, text)[0] == state


@pytest.mark.parametrize(
    ("state", "text", "expected"),
    [
        (markup.TEXT, "ab<c", (markup.NAME, -1, 2)),
        (markup.TEXT, "<b>x<a h", (markup.ATTRIBUTE_NAME, -1, 4)),
        (markup.DOUBLE, 'x">y', (markup.TEXT, -1, -1)),
        (markup.DOUBLE, 'x"y', (markup.TEXT, 2, -1)),
        (markup.DOUBLE, 'x"<b', (markup.NAME, 2, 2)),
        (markup.DOUBLE, 'x"><b', (markup.NAME, -1, 3)),
        (markup.NAME, "<", (markup.OPENED, 0, 0)),
        (markup.NAME, "x", (markup.NAME, -1, -1)),
        (markup.QUOTED, "", (markup.QUOTED, -1, -1)),
        (markup.OPENED, "5<5<a", (markup.NAME, 0, 3)),
    ],
)
def test_it_is_told_where_a_tag_begins_and_where_one_turns_out_to_be_none(
    state: int, text: str, expected: tuple[int, int, int]
) -> None:
    assert markup.advance(state, text) == expected


@given(SOURCES, SOURCES)
@settings(max_examples=200, deadline=None)
def test_it_does_not_matter_where_a_text_is_cut_but_in_what_is_no_tag(first: str, second: str) -> None:
    state, died, _ = markup.advance(markup.advance(markup.TEXT, first)[0], second)
    assume(died < 0)
    assert state == markup.advance(markup.TEXT, first + second)[0]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("""<x h="<b t='"y """, markup.SINGLE),
        ("""<x h="<b>"y """, markup.TEXT),
        ("""<x h='<b t="'<i""", markup.DOUBLE),
        ("""<x h=<b t=""", markup.EQUALS),
    ],
)
def test_a_tag_may_begin_inside_of_what_is_none(text: str, state: int) -> None:
    assert markup.advance(markup.TEXT, text)[0] == state


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("http://x", True),
        ("HTTPS://x", True),
        ("mailto:a@b", True),
        ("tel:1", True),
        ("tg://user?id=1", True),
        ("ton://x", True),
        ("x/y", True),
        ("/x:y", True),
        ("?a:b", True),
        ("#a:b", True),
        ("", True),
        ("javascript:alert(1)", False),
        (" \x01javascript:x", False),
        (" http:x", True),
        ("data:text/html,x", False),
        ("ht tp:x", False),
        (":x", False),
        ("file:///x", False),
    ],
)
def test_a_link_has_an_allowed_scheme_or_none(address: str, is_allowed: bool) -> None:
    assert markup.may_open(address) is is_allowed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("&lt;&amp;&quot;&#39;&#x27;&eacute;", "<&\"''é"),
        ("&nosuchname;&ampx;&lt", "&nosuchname;&ampx;&lt"),
        ("&notit;", "&notit;"),
        ("&#0;&#1114112;", "\ufffd\ufffd"),
    ],
)
def test_entities_are_characters(text: str, expected: str) -> None:
    assert markup.decode(text) == expected


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        (' href="a&amp;b"', "a&b"),
        (" HREF='x'", "x"),
        (" title=y href = z", "z"),
        (" href", ""),
        (" title='href=x'", None),
        ("", None),
    ],
)
def test_the_value_of_an_attribute_is_found(attributes: str, value: str | None) -> None:
    assert markup.attribute(attributes, "href") == value


@pytest.mark.parametrize(
    ("text", "addresses", "without"),
    [
        ('<a href="javascript:x">t</a>', ["javascript:x"], "t"),
        ("<A HREF='data:x' b>t</A>", ["data:x"], "t"),
        ('<a href="java&#115;cript:x">t', ["javascript:x"], "t"),
        ('<a href="http://x">t</a><a href="x">t</a><a>t</a><a href="">t</a>', [], None),
        ('<b href="javascript:x">t</b></a>', [], None),
        ("<a\nhref=x:y>1<a href=http:y>2<a href=z:y>3", ["x:y", "z:y"], "1<a href=http:y>2" + "3"),
        ("no links: x:y", [], None),
    ],
)
def test_links_that_open_nothing_are_told_and_left_out(text: str, addresses: list[str], without: str | None) -> None:
    assert list(markup.refused_links(text)) == addresses
    assert markup.without_refused_links(text) == (text if without is None else without)
