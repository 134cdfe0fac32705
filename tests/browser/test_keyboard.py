"""The playground by keyboard alone."""

from __future__ import annotations

from typing import Any

from permabots.models import Bot
from tests.browser.playground import Column, answer_instead, opened
from tests.browser.visitor import Visitor

MOST_TABS = 80
FOCUS = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return { id: it.id, text: it.innerText ?? "", visible: it.matches(":focus-visible") && ring };
}"""


def test_something_is_said_and_a_button_pressed(visitor: Visitor, bot: Bot) -> None:
    column = opened(visitor, bot)[0]
    answer_instead(visitor.page, '[{"id": "tea", "name": "Tea", "price": "4.10"}]')
    tab_to(visitor.page, id=f"say-{column.service}")
    visitor.page.keyboard.type("/start")
    visitor.page.keyboard.press("Enter")
    column.hears("What would you like?")
    press_by_keyboard(visitor.page, column)
    column.hears("Shall I order it?")


def press_by_keyboard(page: Any, column: Column) -> None:
    """Go back from the field to the answer above it, and press its button."""
    label = column.log.locator("[data-press]").last.inner_text()
    tab_to(page, "Shift+Tab", text=label)
    page.keyboard.press("Enter")


def tab_to(page: Any, key: str = "Tab", **wanted: str) -> None:
    """Press a key until something has the focus; whatever has it on the way shows that it has."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        found = page.evaluate(FOCUS)
        assert found["visible"], f"{found} does not show that it has the focus"
        if all(found[name] == value for name, value in wanted.items()):
            return
    raise AssertionError(f"{wanted} is not reached by {key}")
