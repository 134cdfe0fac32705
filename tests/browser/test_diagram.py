"""The state diagram stays inside of its page, however many states there are and however wide the window is."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from tests.browser.visitor import Visitor
from tests.factories import make_handler

WIDTHS = (390, 1280)
PAST = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - window.innerWidth"
"""How far the page is wider than the window."""
BOX = """() => {
  const box = document.getElementById("diagram").parentElement;
  const place = box.getBoundingClientRect();
  box.scrollTo(box.scrollWidth, 0);
  const drawing = document.getElementById("diagram").getBoundingClientRect();
  const frame = getComputedStyle(box).borderRightWidth !== "0px";
  const end = Math.floor(drawing.right - place.right);
  return {frame, left: place.left, right: place.right - window.innerWidth, end};
}"""
"""Where the diagram's frame is, and how much of the drawing is not seen when it is scrolled to its end."""


def chain(bot: Bot, states: int) -> None:
    """Make states that lead from one to the next, with names as people give them."""
    for number in range(states):
        here, there = f"Waiting for answer {number}", f"Waiting for answer {number + 1}"
        sources = [here] if number else []
        make_handler(
            bot,
            rf"^the answer to question {number} is .+$",
            name=f"take answer {number}",
            source_states=sources,
            target_state=there,
        )


@pytest.mark.parametrize("states", [1, 6, 40])
def test_the_diagram_stays_inside_of_the_page(visitor: Visitor, author: Any, states: int) -> None:
    bot = Bot.objects.create(owner=author, name="shop")
    chain(bot, states)
    for width in WIDTHS:
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.open("bot_diagram", bot.pk)
        assert visitor.page.evaluate(PAST) <= 0, width
        box = visitor.page.evaluate(BOX)
        assert box["left"] >= 0, width
        assert box["right"] <= 0, width
        assert box["end"] <= 0, width
        assert box["frame"], width
