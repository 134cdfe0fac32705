"""axe-core run in a page: what keeps people from using it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python

_SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_GRAVE = {"serious", "critical"}
_RUN = """async (only) => {
  for (const it of document.querySelectorAll("details")) it.open = true;
  for (const it of document.getAnimations()) it.finish();  // colours that are on their way to others
  const rules = only.length ? { runOnly: { type: "rule", values: only } } : {};
  const found = await axe.run(document, { ...rules, resultTypes: ["violations"], preload: false });
  return found.violations.map((it) => [it.id, it.impact, it.nodes.map((node) => node.html.slice(0, 120))]);
}"""


def faults(page: Any, *rules: str) -> list[str]:
    """Return the grave faults of the page that is open, all of it unfolded.

    Args:
        page: of Playwright.
        rules: the names of those to be run; none for all.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{_SOURCE};0")
    return [
        f"{rule} ({impact}): {len(places)} times, as in {places[0]}"
        for rule, impact, places in page.evaluate(_RUN, list(rules))
        if impact in _GRAVE
    ]
