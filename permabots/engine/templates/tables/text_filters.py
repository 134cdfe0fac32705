"""The filters of texts."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote, quote_plus

from markupsafe import escape

from permabots.engine.templates import kinds
from permabots.engine.templates.compile.run import Run
from permabots.engine.templates.json_values import CONTAINERS, MAPPINGS, called, items_of, show
from permabots.engine.templates.rendered_text import Escaped, Safe, joined, mapped, replaced_in_place
from permabots.engine.templates.tables.formats import percent
from permabots.engine.templates.tables.lookup import getter
from permabots.engine.templates.tables.texts import interleaved, padded, replaced, stripped
from permabots.engine.templates.value_kinds import Value
from permabots.exceptions import RenderLimitExceeded, TemplateError

Filter = Callable[..., Value]

_WORD = re.compile(r"\w+")
_WORD_BEGINNING = re.compile(r"([-\s({\[<]+)")
_SHORT = 1_000
_WORD_BYTES = 300
"""Bytes that are charged for each word, with its separator, while ``title`` works."""
_MAX_WRAPPED = 20_000


def text_of(run: Run, value: Value) -> str:
    """Return a value as a text."""
    return show(value, run.budget)


def _changed(change: Callable[[str], str]) -> Filter:
    def apply(run: Run, value: Value) -> str:
        if type(value) is str:
            run.budget.make_text(3 * len(value))
            return change(value)
        return mapped(text_of(run, value), change, run.budget)

    return apply


def _capitalize(run: Run, value: Value) -> str:
    text = text_of(run, value)
    run.budget.make_text(3 * len(text))
    return replaced_in_place(text, str(text).capitalize())


def _title(run: Run, value: Value) -> str:
    text = value if type(value) is str else text_of(run, value)
    length = len(text)
    run.budget.spend(length // 4)
    words = length // 2 if length < _SHORT else sum(1 for _ in _WORD_BEGINNING.finditer(text))
    run.budget.make(12 * length + _WORD_BYTES * words)
    titled = "".join([word[0].upper() + word[1:].lower() for word in _WORD_BEGINNING.split(text) if word])
    return replaced_in_place(text, titled)


def _center(run: Run, value: Value, width: int = 80) -> str:
    return padded("center", text_of(run, value), width, " ", run.budget)


def _escape(run: Run, value: Value, again: bool = False) -> str:
    """Escape a text as the author asks; a text that is escaped already stays as it is, unless `again` is true."""
    if isinstance(value, Escaped | Safe) and not again:
        return value
    text = text_of(run, value)
    run.budget.make_text(5 * len(text))
    done = str(escape(str(text)))
    return Escaped(done) if run.kind is kinds.TEXT else done


def _format(run: Run, value: Value, *arguments: Value, **names: Value) -> str:
    if arguments and names:
        raise TemplateError("format wants values by their positions or by their names, not both")
    return percent(text_of(run, value), names or arguments, run.budget)


def _indent(run: Run, value: Value, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    text = text_of(run, value)
    if not isinstance(width, int | str):
        raise TemplateError(f"indent wants a width or a text, not {called(width)}")
    lines_in_all = text.count("\n") + 1
    run.budget.make(64 * lines_in_all)
    run.budget.make_text(len(text) + lines_in_all * (max(0, width) if isinstance(width, int) else len(width)))
    margin = " " * width if isinstance(width, int) else width
    lines = (str(text) + "\n").splitlines()
    if blank:
        done = ("\n" + margin).join(lines)
    else:
        rest = ["\n" + (margin + line if line else line) for line in lines[1:]]
        done = lines[0] + "".join(rest) if lines else ""
    return margin + done if first else done


def _join(run: Run, value: Value, d: Value = "", attribute: Value = None) -> str:
    items: object = items_of(value, run.budget)
    if attribute is not None:
        get = getter(attribute, run.budget)
        items = [get(item) for item in items]  # type: ignore[attr-defined]
    return interleaved(items, text_of(run, d), run.budget)


def _replace(run: Run, value: Value, old: Value, new: Value, count: int | None = None) -> str:
    text = text_of(run, value)
    return replaced(text, str(text_of(run, old)), text_of(run, new), -1 if count is None else count, run.budget)


def _safe(run: Run, value: Value) -> str:
    text = text_of(run, value)
    if run.kind is not kinds.TEXT or isinstance(text, Safe):
        return text
    run.budget.make_text(len(text))
    return Safe(text)


def _striptags(run: Run, value: Value) -> str:
    """Return HTML as plain text, on one line."""
    text = text_of(run, value)
    run.budget.make_text(6 * len(text))
    run.budget.make(64 * text.count("<"))
    run.budget.spend(len(text) // 16)
    plain = str(text)
    pieces: list[str] = []
    position = 0
    while (start := plain.find("<", position)) >= 0:
        opening, closing = ("<!--", "-->") if plain.startswith("<!--", start) else ("<", ">")
        end = plain.find(closing, start + len(opening))
        if end < 0:
            break
        pieces.append(plain[position:start])
        position = end + len(closing)
    return html.unescape(" ".join("".join([*pieces, plain[position:]]).split()))


def _trim(run: Run, value: Value, chars: str | None = None) -> str:
    return stripped("strip", text_of(run, value), chars if chars is None else str(text_of(run, chars)), run.budget)


def _truncate(
    run: Run, value: Value, length: int = 255, killwords: bool = False, end: Value = "...", leeway: int | None = None
) -> str:
    text, ending = text_of(run, value), text_of(run, end)
    leeway = 5 if leeway is None else leeway
    if length < len(ending):
        raise TemplateError(f"truncate wants a length of {len(ending)} at least, that of what it puts at the end")
    if leeway < 0:
        raise TemplateError("truncate wants a leeway of 0 at least")
    if len(text) <= length + leeway:
        return text
    kept = str(text)[: length - len(ending)]
    run.budget.make_text(length)
    return joined([kept if killwords else kept.rsplit(" ", 1)[0], ending], run.budget)


def _urlencode(run: Run, value: Value) -> str:
    """Return a text, an object or a list of pairs percent-encoded."""
    if isinstance(value, str) or type(value) not in CONTAINERS:
        done = _quoted(run, text_of(run, value))
    else:
        pairs = value.items() if type(value) in MAPPINGS else value
        run.budget.spend(len(value))
        if not all(type(pair) in (list, tuple) and len(pair) == 2 for pair in pairs):
            raise TemplateError("urlencode wants a text, an object, or a list of pairs")
        done = "&".join(
            f"{_quoted(run, text_of(run, name), True)}={_quoted(run, text_of(run, item), True)}" for name, item in pairs
        )
        run.budget.make(2 * len(done))
    return Escaped(done) if run.kind is kinds.URL else done


def _quoted(run: Run, text: str, plus: bool = False) -> str:
    run.budget.make(12 * len(text))
    return quote_plus(text, safe="", errors="replace") if plus else quote(text, safe="/", errors="replace")


def _wordcount(run: Run, value: Value) -> int:
    text = text_of(run, value)
    run.budget.spend(len(text) // 8)
    return sum(1 for _ in _WORD.finditer(text))


def _wordwrap(
    run: Run,
    value: Value,
    width: int = 79,
    break_long_words: bool = True,
    wrapstring: str | None = None,
    break_on_hyphens: bool = True,
) -> str:
    text = str(text_of(run, value))
    if len(text) > _MAX_WRAPPED:
        raise RenderLimitExceeded(f"wordwrap takes texts of {_MAX_WRAPPED:,} characters at most")
    if width < 1:
        raise TemplateError("wordwrap wants a width of 1 at least")
    run.budget.spend(len(text))
    run.budget.make_text(8 * len(text))
    mark = "\n" if wrapstring is None else text_of(run, wrapstring)
    run.budget.make_text(len(text) * len(mark) // width)
    wrap = partial(
        textwrap.wrap,
        width=width,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=break_long_words,
        break_on_hyphens=break_on_hyphens,
    )
    return mark.join(mark.join(wrap(line)) for line in text.splitlines())


def _string(run: Run, value: Value) -> str:
    return text_of(run, value)


TEXT_FILTERS: Mapping[str, Filter] = {
    "capitalize": _capitalize,
    "center": _center,
    "e": _escape,
    "escape": _escape,
    "forceescape": partial(_escape, again=True),
    "format": _format,
    "indent": _indent,
    "join": _join,
    "lower": _changed(str.lower),
    "replace": _replace,
    "safe": _safe,
    "string": _string,
    "striptags": _striptags,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "upper": _changed(str.upper),
    "urlencode": _urlencode,
    "wordcount": _wordcount,
    "wordwrap": _wordwrap,
}
