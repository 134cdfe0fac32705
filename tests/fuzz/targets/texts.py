"""Marked-up texts, literals and answers: cut, read and sent as they are meant."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

from permabots.engine.templates.keyboards import parse_keyboard
from permabots.engine.templates.literals import read_literal
from permabots.exceptions import KeyboardError
from permabots.markup import advance, refused_links, without_refused_links
from permabots.providers.base.markup import parse, plain, visible
from permabots.providers.base.splitting import Unit, length, shows, split_markup
from permabots.providers.kik.provider import Kik
from permabots.providers.messenger.provider import Messenger
from permabots.providers.telegram.provider import Telegram
from permabots.values import Address, Answer, storable
from tests.fuzz.oracles import as_text, check_storable, outcome_of
from tests.fuzz.targets.target import Target
from tests.providers.markup_texts import check_balanced

_PROVIDERS = (Telegram(), Messenger(), Kik())
_LONGEST_TEXT = 100_000


def _run_markup(data: bytes) -> str:
    """Cut a text at a limit that its first byte decides."""
    limit, text = 2 + (data[0] if data else 0) % 60, storable(as_text(data[1:]))
    unit: Unit = "utf16" if limit % 2 else "characters"
    parts = split_markup(text, limit, unit)
    for part in parts:
        check_balanced(part)
        seen = visible(parse(part))
        assert shows(seen) and length(seen, unit) <= limit, "a part is empty or over its limit"
    assert "".join(map(_seen, parts)) == _seen(text), "a part of the text is lost"
    plain(text)
    advance(0, text)
    clean = without_refused_links(text)
    assert not refused_links(clean) and not refused_links("".join(parts)), "a link that may not be"
    return f"{min(len(parts), 9)} {'<' in ''.join(parts)} {clean != text}"


def _seen(text: str) -> str:
    return "".join(filter(shows, visible(parse(text))))


def _run_literal(data: bytes) -> str:
    source = as_text(data).strip()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            value = read_literal(source)
        except (ValueError, TypeError) as error:
            return outcome_of(error)
    expected, known = _pythons(source)
    assert not known or repr(value) == repr(expected), f"{value!r:.200} where Python reads {expected!r:.200}"
    return type(value).__name__


def _pythons(source: str) -> tuple[Any, bool]:
    """Return what JSON or Python reads, and whether one of them reads it."""
    try:
        return json.loads(source), True
    except ValueError:
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(source), True
    except (ValueError, SyntaxError, TypeError):
        return None, False


def _run_answer(data: bytes) -> str:
    """Send an answer over every provider: a text, and after a line break of a kind of its own its keyboard."""
    text, _, source = storable(as_text(data)).partition("\x1e")
    try:
        keyboard = parse_keyboard(source)
    except KeyboardError as error:
        assert len(str(error)) < 1_500, "a long error"
        check_storable(str(error), "the error")
        return outcome_of(error)
    texts = tuple(part for part in (text[:_LONGEST_TEXT].strip(), text[:7].strip()) if part)
    found = []
    for provider in _PROVIDERS:
        payloads = provider.render(Answer(texts, keyboard), Address("7", "8", "9"))
        for payload in payloads:
            check_storable([payload.method, dict(payload.body), list(payload.notes)], "the call")
            check_storable(dict(payload.stored_callback_data), "the data of buttons")
            simple = provider.plainest(payload, "Bad Request: can't parse entities")
            check_storable([dict(simple.body) if simple else None], "the plain form")
            provider.preview(payload)
        found.append(f"{min(len(payloads), 5)}")
    return " ".join([*found, str(bool(keyboard))])


def _markups() -> tuple[bytes, ...]:
    return (
        b"\x08<b>bold text</b> and <i>more &amp; more</i> end",
        b'\x0b<a href="https://example.com/?a=1&amp;b=2">one two</a> <code class="language-py">x &lt; y</code>',
        "\x05👨\u200d👩\u200d👧 🇩🇪 e\u0301 <tg-spoiler>x</tg-spoiler><blockquote expandable>q</blockquote>".encode(),
        b"\x20<a href=javascript:x>t</a><pre>  a\n b</pre> <span class='tg-spoiler'>s</span><br><5 </b>",
    )


def _literals() -> tuple[bytes, ...]:
    return (
        rb"""[["a", 'b\x41\u00e9'], ('c', "https://example.com/"), 5, -1.5e3, true, None, {'a': [1]}, {1, 2}]""",
        rb"""['x' 'y', # said
        ("it's", 'q\'q\\'), [], (), (1,)]""",
        b'["\\ud83d\\ude00", {"a": null, "b": [false, 1e5, 0.1]}]',
    )


def _answers() -> tuple[bytes, ...]:
    return tuple(
        markup[1:] + b"\x1e" + literal for markup in _markups() for literal in (b"['a', ('b', 'tel:1')]", *_literals())
    )


_TAGS = tuple(
    b"<b> </b> <i> </i> <a </a> <pre> </pre> <code> <blockquote> </blockquote> <tg-emoji &lt; "
    b"&#128077; &#x1f600; &amp; &nope; href= javascript: \" ' < > / = \xc2\xa0 \xe2\x80\x8d \xf0\x9f\x91\xa8 \xcc\x81 "
    b"\xf0\x9f\x87\xa9 \xe2\x80\x8f &#0; &#xd800;".split()
)
_SIGNS = tuple(
    b"[ ] ( ) { } , : ' \" \\ \\x41 \\u00e9 \\ud83d \\N{BEL} \\0 # true null None True 1e5 0x1 1_0 "
    b"0b1 1j ... b'' r'' -".split()
)
TARGETS = (
    Target("markup", _run_markup, _markups, _TAGS),
    Target("literal", _run_literal, _literals, _SIGNS),
    Target("answer", _run_answer, _answers, (*_TAGS, *_SIGNS, b"\x1e")),
)
