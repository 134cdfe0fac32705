"""Values in HTML: between tags, in attributes, and where what began as a tag turns out to be none."""

from __future__ import annotations

import pytest

from permabots.engine.templates import check_text
from tests.engine.templates.rendering import text

VALUE = "a\"b'c<d>&e f=`"
BETWEEN = "a\"b'c&lt;d&gt;&amp;e f=`"
DOUBLE = "a&quot;b'c&lt;d&gt;&amp;e f=`"
SINGLE = 'a"b&#39;c&lt;d&gt;&amp;e f=`'
OUTSIDE_QUOTES = "a&#34;b&#39;c&#60;d&#62;&#38;e&#32;f&#61;&#96;"
BY_HAND = "a&#34;b&#39;c&lt;d&gt;&amp;e f=`"
ENV = {"html": "<b>", "address": "http://h/?a=1"}


def rendered(source: str) -> str:
    return text(source, x=VALUE, empty="", n=5, u="http://x/?a=1&b=2", env=ENV)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<a href="{{ x }}">t</a>', f'<a href="{DOUBLE}">t</a>'),
        ("<a href='{{ x }}'>t</a>", f"<a href='{SINGLE}'>t</a>"),
        ("<a href={{ x }}>t</a>", f"<a href={OUTSIDE_QUOTES}>t</a>"),
        ("<a href= {{ x }} >t</a>", f"<a href= {OUTSIDE_QUOTES} >t</a>"),
        ("<a href={{ x }}{{ x }} b='c'>t", f"<a href={OUTSIDE_QUOTES}{OUTSIDE_QUOTES} b='c'>t"),
        ("<a href=/{{ x }}/>t", f"<a href=/{OUTSIDE_QUOTES}/>t"),
        ("<a href={{ empty }}>t", '<a href="">t'),
        ('<a href="p{{ x }}q{{ x }}">t', f'<a href="p{DOUBLE}q{DOUBLE}">t'),
        ('<a href="{{ x|e }}">{{ x|e }}', f'<a href="{BY_HAND}">{BY_HAND}'),
        ("<a href='{{ x|e }}'>", f"<a href='{BY_HAND}'>"),
        ('<a href="{{ x|safe }}">{{ x|safe }}', f'<a href="{DOUBLE}">{VALUE}'),
        ('<a href="{{ u }}">t', '<a href="http://x/?a=1&amp;b=2">t'),
        ('<a href="{{ env.address }}">{{ env.html }}', '<a href="http://h/?a=1"><b>'),
        ('<a href="{{ n }}" title={{ n }}>{{ n }}', '<a href="5" title=5>5'),
        ('<tg-emoji emoji-id="{{ n }}">x</tg-emoji>', '<tg-emoji emoji-id="5">x</tg-emoji>'),
        ('<a href="{{ nope }}">t', '<a href="">t'),
        ("{{ '<a href=\"' }}{{ x }}{{ '\">' }}t", f'<a href="{DOUBLE}">t'),
        ("{{ '<a href=\"' ~ x ~ '\">t</a>' }}", f'<a href="{DOUBLE}">t</a>'),
        ('<a\n\thref\n=\n"{{ x }}"\n>t', f'<a\n\thref\n=\n"{DOUBLE}"\n>t'),
        ('<a hidden href="{{ x }}">t', f'<a hidden href="{DOUBLE}">t'),
        ('<a hidden  b href="{{ x }}">t', f'<a hidden  b href="{DOUBLE}">t'),
        ("1 < {{ x }} > 2", f"1 < {BETWEEN} > 2"),
        ("&lt;{{ x }}", f"&lt;{BETWEEN}"),
        ('<a <b href="{{ x }}">t', f'<a <b href="{DOUBLE}">t'),
        ("<5 {{ x }}>", f"<5 {BETWEEN}>"),
    ],
)
def test_a_value_is_escaped_for_the_place_it_stands_in(source: str, expected: str) -> None:
    check_text(source)
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if n %}<b>{% endif %}x{% if n %}</b>{% endif %}", "<b>x</b>"),
        ('{% if n %}<a{% else %}<b{% endif %} href="{{ x }}">t', f'<a href="{DOUBLE}">t'),
        ("{% if n %}<a href=x{% else %}<b{% endif %}>t", "<a href=x>t"),
        ("<a href={% if n %}{{ x }}{% else %}y{% endif %}>t", f"<a href={OUTSIDE_QUOTES}>t"),
        ('<a href="{% if n %}{{ x }}{% endif %}">t', f'<a href="{DOUBLE}">t'),
        ('<a href="{% if no %}{% elif n %}{{ x }}{% else %}y{% endif %}">t', f'<a href="{DOUBLE}">t'),
        ('<a href="{% for i in [1, 2] %}{{ x }}&amp;{% endfor %}">t', f'<a href="{DOUBLE}&amp;{DOUBLE}&amp;">t'),
        ('{% macro m(u) %}<a href="{{ u }}">{{ u }}{% endmacro %}{{ m(x) }}', f'<a href="{DOUBLE}">{BETWEEN}'),
        ('{% macro m(u) %}{{ u }}{% endmacro %}<a href="{{ m(x) }}">', f'<a href="{DOUBLE}">'),
        ('{% set a %}{{ x }}{% endset %}<a href="{{ a }}">{{ a }}', f'<a href="{DOUBLE}">{BETWEEN}'),
        ('<a href="{% filter upper %}{{ "x<" }}{{ n }}{% endfilter %}">', '<a href="X<5">'),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}<a href='{% call m() %}{{ x }}{% endcall %}'>",
            f"<a href='{SINGLE}'>",
        ),
        ('{% with a = 1 %}<a href="{{ x }}">{% endwith %}t', f'<a href="{DOUBLE}">t'),
        ('{% block z %}<a href="{{ x }}">{% endblock %}t', f'<a href="{DOUBLE}">t'),
        ("{% autoescape true %}<b>{{ x }}{% endautoescape %}</b>", f"<b>{BETWEEN}</b>"),
        ("{% set a = '<i' %}<b>{{ x }}</b>", f"<b>{BETWEEN}</b>"),
    ],
)
def test_a_place_is_the_same_in_every_construct(source: str, expected: str) -> None:
    check_text(source)
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a {{ x }}>t", f"&lt;a {BETWEEN}>t"),
        ("<a{{ x }}>t", f"&lt;a{BETWEEN}>t"),
        ("<{{ x }}>", f"&lt;{BETWEEN}>"),
        ("</{{ x }}>", f"&lt;/{BETWEEN}>"),
        ('<a href="x"{{ x }}>', f'&lt;a href="x"{BETWEEN}>'),
        ("<a b{{ x }}>", f"&lt;a b{BETWEEN}>"),
        ("<a b {{ x }}>", f"&lt;a b {BETWEEN}>"),
        ('<a href="{{ x }}', f'&lt;a href="{DOUBLE}'),
        ('<a href="{{ x }}"" >t', f'&lt;a href="{DOUBLE}"" >t'),
        ('<a href="{{ x }}" / >t', f'&lt;a href="{DOUBLE}" / >t'),
        ('<a href={{ x }}" >t', f'&lt;a href={OUTSIDE_QUOTES}" >t'),
        ('y <a href="{{ x }}" <b>t</b> <i>', f'y &lt;a href="{DOUBLE}" <b>t</b> <i>'),
        ('<a href="{{ x }}"<b title="{{ x }}">', f'&lt;a href="{DOUBLE}"<b title="{DOUBLE}">'),
        ('<a href="{{ x }}">{{ x }}</a{{ x }}', f'<a href="{DOUBLE}">{BETWEEN}&lt;/a{BETWEEN}'),
        ("{{ '<b' }}{{ x }}", f"&lt;b{BETWEEN}"),
        ("<a {{ '<b ' }}{{ x }}>", f"&lt;a &lt;b {BETWEEN}>"),
        ("<a href=\"{{ x }}{{ '<b' }}{{ '\">' }}{{ x }}", f'<a href="{DOUBLE}<b">{BETWEEN}'),
        ("<a href=\"{{ x }}{{ '<b' }}{{ '\"\"' }}{{ x }}", f'&lt;a href="{DOUBLE}&lt;b""{BETWEEN}'),
        ("{{ '<a href=\"'|safe }}{{ x }}", f'&lt;a href="{BETWEEN}'),
        ("{{ '<b>'|safe }}{{ x }}", f"<b>{BETWEEN}"),
    ],
)
def test_what_begins_as_a_tag_and_is_none_is_text(source: str, expected: str) -> None:
    assert rendered(source) == expected
