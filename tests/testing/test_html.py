"""Telegram's HTML: what is taken, what it becomes, and in which words the rest is refused."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.testing.telegram.html import HtmlError, parse_html
from permabots.testing.updates import utf16_length

REFUSED = [
    ("<em2>x</em2>", 'Unsupported start tag "em2" at byte offset 0'),
    ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
    ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ("ünï <script>", 'Unsupported start tag "script" at byte offset 6'),
    ("😀 <u", "Unclosed start tag at byte offset 5"),
    ("a <b", "Unclosed start tag at byte offset 2"),
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b>x<i>y</i>", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("x</b>", "Unexpected end tag at byte offset 1"),
    ("<b>x</b></b>", "Unexpected end tag at byte offset 8"),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<b>x</b y>", "Unclosed end tag at byte offset 4"),
    ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ("<b x/>y</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
    ("<a href", 'Unclosed start tag "a" at byte offset 0'),
    ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
    ('<a href="x', "Unclosed start tag at byte offset 0"),
    ('<a href="x"', "Unclosed start tag at byte offset 0"),
    ("<a href=x", "Unclosed start tag at byte offset 0"),
    ("<a href=http://x.org>y</a>", "Unexpected end of name token at byte offset 8"),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<span class="tg-other">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
    (
        "&#xD83D;",
        "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code "
        "units",
    ),
]

TAKEN = [
    ("", "", []),
    ("plain > text", "plain > text", []),
    ("<b>x</b>", "x", [("bold", 0, 1)]),
    ("<strong>x</strong>", "x", [("bold", 0, 1)]),
    ("<i>x</i><em>y</em>", "xy", [("italic", 0, 1), ("italic", 1, 1)]),
    ("<u>x</u><ins>y</ins>", "xy", [("underline", 0, 1), ("underline", 1, 1)]),
    ("<s>x</s><strike>y</strike><del>z</del>", "xyz", [("strikethrough", n, 1) for n in range(3)]),
    ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
    ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
    ("<code>x</code>", "x", [("code", 0, 1)]),
    ('<code class="language-python">x</code>', "x", [("code", 0, 1)]),
    ("<pre>x</pre>", "x", [("pre", 0, 1)]),
    ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
    ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
    ('<tg-emoji emoji-id="536">👍</tg-emoji>', "👍", [("custom_emoji", 0, 2)]),
    ("<B>x</b>", "x", [("bold", 0, 1)]),
    ("<b>x</>", "x", [("bold", 0, 1)]),
    ("<b >x</b >", "x", [("bold", 0, 1)]),
    ("<b></b>x", "x", []),
    ("<b><i>x</i>y</b>", "xy", [("bold", 0, 2), ("italic", 0, 1)]),
    ("😀<b>😀</b>", "😀😀", [("bold", 2, 2)]),
    ("<a>no address</a>", "no address", []),
    ("&lt;b&gt; &amp; &quot;", '<b> & "', []),
    ("&lt b &amp", "< b &", []),
    ("&apos; &nbsp; &laquo; &; &", "&apos; &nbsp; &laquo; &; &", []),
    ("&#65;&#x42;&#X43;", "AB&#X43;", []),
    ("&#0; &#; &#x; &#99999999;", "&#0; &#; &#x; &#99999999;", []),
    ("&#128512;", "😀", []),
]


@pytest.mark.parametrize(("source", "message"), REFUSED)
def test_it_is_refused_in_telegrams_words(source: str, message: str):
    with pytest.raises(HtmlError) as error:
        parse_html(source)
    assert str(error.value) == message


@pytest.mark.parametrize(("source", "text", "entities"), TAKEN)
def test_it_is_taken(source: str, text: str, entities: list[tuple[str, int, int]]):
    found = parse_html(source)
    assert found[0] == text
    assert [(e["type"], e["offset"], e["length"]) for e in found[1]] == entities


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ('<a href="http://a.org/?x=1&amp;y=2">x</a>', "http://a.org/?x=1&y=2"),
        ("<a href='tg://user?id=7'>x</a>", "tg://user?id=7"),
        ("<a href = telegram.org >x</a>", "telegram.org"),
        ("<a>telegram.org</a>", "telegram.org"),
        ('<a title="x" href="http://a.org">x</a>', "http://a.org"),
    ],
)
def test_a_link_is_kept(source: str, url: str):
    assert [e["url"] for e in parse_html(source)[1]] == [url]


@pytest.mark.parametrize(
    "source",
    [
        '<pre><code class="language-python">x</code></pre>',
        '<code class="language-python"><pre>x</pre></code>',
    ],
)
def test_code_in_pre_gives_its_language(source: str):
    assert parse_html(source)[1] == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_out_as_it_was(text: str):
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(st.text(alphabet="<>/b iau&;=\"'é😀", max_size=30))
def test_entities_lie_inside_the_text_or_it_is_refused(source: str):
    try:
        text, entities = parse_html(source)
    except HtmlError as error:
        assert str(error)
    else:
        assert all(0 <= e["offset"] < e["offset"] + e["length"] <= utf16_length(text) for e in entities)
