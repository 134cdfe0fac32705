"""The state diagram of a bot, drawn on the server, and a table with the same content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import path

from permabots.admin.diagram.layout import LINE, PAD, Bundle, Drawing, layout
from permabots.admin.playground.pages import BotPages
from permabots.engine.definitions import HandlerDefinition
from permabots.engine.reachability import Reach, Unreachable, reach
from permabots.models import Bot, ChatState

START = "start"
ANYWHERE = "Anywhere, a new chat too"
LONGEST = 30
"""Characters of a line in the drawing, which cuts longer lines; the table shows them whole."""
CHARACTER = 7.5
"""The greatest width of a character (bold, in a wide font); a line of `LONGEST` characters is drawn narrower."""
SCALED = range(900, 1250)
"""A drawing of such a width is made a little smaller, to fit into a page; a wider one would be too small to read."""
MOST_LINES = 8
"""Handlers in one box of the drawing; the box says how many more there are."""
WORDS: Mapping[str, str] = {
    "disabled": "never chosen: it is disabled",
    "broken": "never chosen: its pattern does not compile",
    "shadowed": "never chosen: “{by}” is tried before it and takes all its messages",
    "unreached": "never chosen: no chat comes to where it answers",
}
WITHOUT_CONNECTION = "no handler leads here, and no chat is here"


@dataclass(frozen=True, slots=True)
class Row:
    """A handler in the table.

    Args:
        handler: the handler.
        sources: the names of the states it answers in.
        problem: the reason why it is never chosen, "" where it can be chosen.
    """

    handler: HandlerDefinition
    sources: list[str]
    problem: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in the drawing; numbers are texts, so that no locale writes them its own way."""

    text: str
    whole: str
    x: str
    y: str
    kind: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A box of the drawing with its text, and the paths that lead into it and on."""

    kind: str
    x: str
    y: str
    width: str
    height: str
    lines: list[Line]
    paths: tuple[str, ...] = ()


class DiagramPages(BotPages):
    """The page of the diagram."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.diagram)
        return [path("<uuid:object_id>/diagram/", view, name="permabots_bot_diagram"), *super().get_urls()]

    def diagram(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the diagram and its table."""
        bot = self.own_bot(request, object_id, change=False)
        return self.page(request, "diagram.html", bot, f"States of {bot}", **facts(bot))


def facts(bot: Bot) -> dict[str, Any]:
    """Return the context of the page, in a fixed number of queries."""
    chats = Exists(ChatState.objects.filter(state=OuterRef("pk")))
    rows: list[Any] = list(bot.states.annotate(occupied=chats).order_by("name"))
    names = {str(row.pk): row.name for row in rows}
    handlers = bot.definition().handlers
    reachable = reach(handlers, {str(row.pk) for row in rows if row.occupied})
    return {
        **drawn(names, handlers, reachable),
        "rows": [
            Row(it, sorted(names[state] for state in it.source_states), said(reachable.unreachable.get(it.id)))
            for it in handlers
        ],
        "states": [(row, "" if str(row.pk) in reachable.states else WITHOUT_CONNECTION) for row in rows],
    }


def said(unreachable: Unreachable | None) -> str:
    """Return the reason why a handler is never chosen, in words; "" where it can be chosen."""
    return WORDS[unreachable.reason].format(by=unreachable.by) if unreachable is not None else ""


def drawn(names: Mapping[str, str], handlers: Iterable[HandlerDefinition], found: Reach) -> dict[str, Any]:
    """Return the shapes of the drawing and its size.

    Args:
        names: state id -> name.
        handlers: in the order they are tried.
        found: which states and handlers can be reached.
    """
    moving: dict[tuple[str, str], list[HandlerDefinition]] = {}
    for handler in handlers:
        for source in sorted(handler.source_states) or [START]:
            target = handler.target_state.id if handler.target_state else source
            moving.setdefault((source, target), []).append(handler)
    texts = {key: [(name, name, "name")] for key, name in {START: ANYWHERE, **names}.items()}
    for key in texts:
        texts[key] += _lines(moving.pop((key, key), ()), found)
    bundles = []
    for number, ((source, target), group) in enumerate(moving.items()):
        key = f"bundle {number}"
        texts[key] = _lines(group, found)
        bundles.append(Bundle(key, source, target, len(texts[key])))
    widths = {key: round(CHARACTER * max(len(_cut(text)) for text, *_ in lines)) for key, lines in texts.items()}
    drawing = layout(START, {key: len(texts[key]) for key in (START, *names)}, bundles, widths)
    shapes = [_shape(key, lines, drawing, found) for key, lines in texts.items()]
    size = {"width": str(drawing.width), "height": str(drawing.height), "scaled": drawing.width in SCALED}
    return {"shapes": shapes, **size}


def _lines(handlers: Iterable[HandlerDefinition], found: Reach) -> list[tuple[str, str, str]]:
    """Return a line for each handler: its text as drawn, its whole text, and its kind."""
    group = list(handlers)
    lines = []
    for handler in group[:MOST_LINES]:
        problem = said(found.unreachable.get(handler.id))
        text = f"{handler.name}  {handler.pattern}"
        whole = f"{text} ({problem})" if problem else text
        lines.append((_cut(f"✗ {text}" if problem else text), whole, "never" if problem else "handler"))
    more = len(group) - len(lines)
    return [*lines, (f"and {more} more", f"and {more} more, in the table", "handler")] if more else lines


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _shape(key: str, lines: list[tuple[str, str, str]], drawing: Drawing, found: Reach) -> Shape:
    box = drawing.boxes[key]
    texts = [
        Line(_cut(text), whole, str(box.x + PAD), str(box.y + PAD + (number + 1) * LINE - 4), kind)
        for number, (text, whole, kind) in enumerate(lines)
    ]
    paths = drawing.curves.get(key, ())
    return Shape(_kind(key, lines, found), str(box.x), str(box.y), str(box.width), str(box.height), texts, paths)


def _kind(key: str, lines: list[tuple[str, str, str]], found: Reach) -> str:
    if key.startswith("bundle "):
        return "never" if all(kind == "never" for _, _, kind in lines) else "handlers"
    if key == START:
        return "start"
    return "state" if key in found.states else "lonely"
