"""axe-core run in a page: what keeps people from using it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python

_SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_GRAVE = {"serious", "critical"}
_COLOURS = ("color-contrast", "link-in-text-block")
# The rows of a long list are alike: the first have all the faults that the others have, and those take seconds.
_RUN = """async ([colours, only]) => {
  for (const it of document.querySelectorAll("details")) it.open = true;
  for (const it of document.getAnimations()) it.finish();  // colours that are on their way to others
  const where = { exclude: [["#result_list tbody tr:nth-child(n+21)"]] };
  const rules = only ? { runOnly: { type: "rule", values: colours } } : {};
  const { violations } = await axe.run(where, { ...rules, resultTypes: ["violations"], preload: false });
  return violations.map((it) => [it.id, it.impact, it.nodes.map((node) => node.html.slice(0, 120))]);
}"""


def faults(page: Any, *, only_colours: bool = False) -> list[str]:
    """Return the grave faults of the page that is open, all of it unfolded.

    Args:
        page: of Playwright.
        only_colours: whether only those of the colours are looked for that the page has now.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{_SOURCE};0")
    return [
        f"{rule} ({impact}): {len(places)} times, as in {places[0]}"
        for rule, impact, places in page.evaluate(_RUN, [_COLOURS, only_colours])
        if impact in _GRAVE
    ]
