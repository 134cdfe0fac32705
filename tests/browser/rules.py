"""What every page is held against."""

from __future__ import annotations

from tests.browser import axe
from tests.browser.visitor import Visitor

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults_of(visitor: Visitor) -> list[str]:
    """Return what is wrong with the page that is open: by axe-core in light and dark, and on a phone."""
    page = visitor.page
    light = axe.faults(page)
    page.emulate_media(color_scheme="dark")
    dark = [f"dark: {fault}" for fault in axe.faults(page, only_colours=True)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    phone = [f"{wider} pixels wider than a phone"] if (wider := page.evaluate(SIDEWAYS)) > 0 else []
    page.set_viewport_size(DESK)
    return [*light, *dark, *phone]
