"""The theme of a web chat: which colours, forms and fonts an author may choose, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from permabots.values import Json

LEAST_CONTRAST = 4.5
"""Of text on what is behind it (WCAG 2.2, success criterion 1.4.3)."""
LARGEST_RADIUS = 24
"""Pixels."""
FONTS = {
    "system": 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    "serif": "Georgia, Cambria, serif",
    "mono": "ui-monospace, Menlo, Consolas, monospace",
    "rounded": 'ui-rounded, "Arial Rounded MT Bold", system-ui, sans-serif',
}
POSITIONS = ("right", "left")
"""The corner of a site's page that the button of the chat is in."""
SIZES = {"small": (320, 480), "medium": (384, 600), "large": (480, 720)}
"""Width and height of the chat on a site's page, in pixels."""
BUBBLE = 0.08
"""How much of the colour of text is in what is behind a message of the bot."""
_DEFAULTS = {
    "accent": "#1a5fb4",
    "background": "#ffffff",
    "text": "#1b1b1f",
    "dark_background": "#17171b",
    "dark_text": "#f2f2f5",
}


def colours(theme: Mapping[str, Json]) -> dict[str, str]:
    """Return all colours of a theme: those that it names, the others as they fit or as they are by default.

    Args:
        theme: valid; see `permabots.web_chat_validators.validate_theme`.
    """
    found = {name: str(theme.get(name, default)) for name, default in _DEFAULTS.items()}
    found["accent_text"] = str(theme.get("accent_text") or readable_on(found["accent"]))
    for name in ("text", "dark_text"):
        behind = name.replace("text", "background")
        if name not in theme and behind in theme:
            found[name] = readable_on(found[behind])
    for prefix in ("", "dark_"):
        text, background = found[f"{prefix}text"], found[f"{prefix}background"]
        found[f"{prefix}bubble"] = _mixed(text, background, BUBBLE)
    return found


def colour_pairs(theme: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Yield the colours of text, of what is behind it, and words for what it is."""
    found = colours(theme)
    yield found["accent_text"], found["accent"], "Text on the accent colour cannot be read"
    for prefix, where in (("", ""), ("dark_", "in the dark, ")):
        text = found[f"{prefix}text"]
        yield text, found[f"{prefix}background"], f"{where}text on the background cannot be read".capitalize()
        yield text, found[f"{prefix}bubble"], f"{where}text of the bot's messages cannot be read".capitalize()


def readable_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour ``#rrggbb``: one always has a contrast of 4.58."""
    return max("#000000", "#ffffff", key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(first * share + second * (1 - share)):02x}" for first, second in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
