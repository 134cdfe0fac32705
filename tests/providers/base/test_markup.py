"""The markup that texts are written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base.markup import Run, Tag, decode, escape, parse, plain, visible, write
from tests.providers.markup_texts import any_markup, check_balanced

KEPT = [
    "plain",
    "<b>b</b> <strong>s</strong> <i>i</i> <em>e</em> <u>u</u> <ins>n</ins> <s>s</s> <strike>t</strike> <del>d</del>",
    '<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>',
    '<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">link</a>',
    "<a>example.com</a>",
    '<pre><code class="language-python">x = 1\n</code></pre>',
    "<blockquote>a</blockquote><blockquote expandable>b</blockquote>",
    '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
    "<b>bold <i>both</i></b>",
    "1 &lt; 2 &amp;&amp; 3 &gt; 2",
]


@pytest.mark.parametrize("markup", KEPT)
def test_sound_markup_is_written_as_it_was_read(markup: str) -> None:
    assert write(parse(markup)) == markup


@pytest.mark.parametrize(
    ("markup", "mended"),
    [
        ("<b>open", "<b>open</b>"),
        ("<b>a<i>b", "<b>a<i>b</i></b>"),
        ("stray</b> end</i>", "stray end"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"),
        ("<b>a<b>b</b>c</b>d", "<b>abc</b>d"),
        ("<b></b>empty<i> </i>", "empty<i> </i>"),
        ("<B>a</B>", "<b>a</b>"),
        ('<b id="x" hidden>a</b >', "<b>a</b>"),
        ("<a href=https://example.com>a</a>", '<a href="https://example.com">a</a>'),
        ("<a title='t' HREF='x\"y'>a</a>", '<a href="x&quot;y">a</a>'),
        ("<a href='a>b'>a</a>", '<a href="a&gt;b">a</a>'),
        ("<BLOCKQUOTE Expandable=''>a</BLOCKQUOTE>", "<blockquote expandable>a</blockquote>"),
    ],
)
def test_broken_markup_is_mended(markup: str, mended: str) -> None:
    assert write(parse(markup)) == mended


@pytest.mark.parametrize(
    "markup",
    [
        "<br>",
        "<p>paragraph",
        "</div>",
        "<span style='x'>",
        "<tg-emoji>",
        "<tg-emoji emoji-id='x'>",
        "a < b",
        "a <b",
        "<>",
        "< b>",
        "<b/>",
        "<!-- comment -->",
        "&",
        "&unknown;",
        "AT&T &copy &notit;",
        "?a=1&lt=2",
        "&#x110000000;",
    ],
)
def test_what_is_not_of_this_markup_is_text(markup: str) -> None:
    assert visible(parse(markup)) == markup
    assert write(parse(markup)) == escape(markup)


@pytest.mark.parametrize(
    ("entities", "characters"),
    [
        ("&lt;b&gt;", "<b>"),
        ("&amp;lt;", "&lt;"),
        ("&quot;&apos;&#39;&#x27;&#X27;", "\"''''"),
        ("&eacute;&nbsp;&hellip;", "é\xa0…"),
        ("&#128077;", "👍"),
        ("&#0;&#xD800;&#1114112;", "\ufffd" * 3),
        ("&#1;", ""),
    ],
)
def test_entities_are_characters(entities: str, characters: str) -> None:
    assert decode(entities) == characters
    assert visible(parse(entities)) == characters


def test_runs_carry_the_tags_around_them_outermost_first() -> None:
    first, second, third = parse("<b>a<i>b</i></b>c")
    assert [tag.name for tag in first.tags] == ["b"]
    assert [tag.name for tag in second.tags] == ["b", "i"]
    assert second.tags[0] is first.tags[0]
    assert third == Run("c")


def test_two_tags_of_one_name_are_not_one() -> None:
    assert Tag("b") != Tag("b")
    assert write(parse("<pre>a</pre><pre>b</pre>")) == "<pre>a</pre><pre>b</pre>"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>bold</b> &amp; <i>more</i>", "bold & more"),
        (
            'see <a href="https://example.com/?a=1&amp;b=2">the <b>site</b></a>!',
            "see the site (https://example.com/?a=1&b=2)!",
        ),
        ('<a href="https://example.com">https://example.com</a>', "https://example.com"),
        ("<a>example.com</a>", "example.com"),
        ('<a href="u.example/1">a</a><a href="tel:2">b</a>', "a (u.example/1)b (tel:2)"),
        ('<a href="javascript:x">a <b>b</b></a><a href=" FILE:/x">c</a><a href="jav\tascript:x">d</a>', "a bcd"),
        ('<a href="u:1">', ""),
        ("a < b <br> c", "a < b <br> c"),
        ("", ""),
    ],
)
def test_plain_text_has_no_tags_and_shows_addresses(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(any_markup())
def test_whatever_is_read_is_written_as_sound_markup(markup: str) -> None:
    check_balanced(write(parse(markup)))


@given(any_markup())
def test_writing_changes_nothing_that_is_seen_and_is_final(markup: str) -> None:
    runs = parse(markup)
    written = write(runs)
    assert visible(parse(written)) == visible(runs)
    assert write(parse(written)) == written
    assert all(run.text for run in runs)


@given(st.text())
def test_escaped_text_is_seen_as_it_was(text: str) -> None:
    assert visible(parse(escape(text))) == text
    assert plain(escape(text, quote=True)) == text


def test_a_long_text_of_tags_is_read_in_proportion() -> None:
    runs = parse("<b>" * 20_000 + "x" + "</i>" * 20_000 + "<a href='" * 20_000)
    assert visible(runs).startswith("x<a href=")
