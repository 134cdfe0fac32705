"""The colours and forms of a web chat as a style sheet, since its page allows no style that stands in it."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from permabots.values import Json
from permabots.views.chat.base import ChatView
from permabots.web_chat_theme import FONTS, colours
from permabots.web_chat_validators import validate_theme

_COLOURS = ("text", "background", "bubble")


class ThemeView(ChatView):
    """The theme of a web chat as CSS custom properties."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Answer the style sheet."""
        theme = self.chat.row.theme
        try:
            validate_theme(theme)
        except ValidationError:  # written by code that has not validated it: it could end the style sheet's rule
            theme = {}
        return HttpResponse(style_sheet(theme), content_type="text/css; charset=utf-8")


def style_sheet(theme: Mapping[str, Json]) -> str:
    """Return the custom properties of a theme, in light and dark.

    Args:
        theme: valid.
    """
    found = colours(theme)
    once = {
        "accent": found["accent"],
        "accent-text": found["accent_text"],
        "radius": f"{theme.get('radius', 12)}px",
        "font": FONTS[str(theme.get("font", "system"))],
    }
    light = {name: found[name] for name in _COLOURS}
    dark = {name: found[f"dark_{name}"] for name in _COLOURS}
    return f"{_rule({**once, **light})}@media (prefers-color-scheme: dark) {{\n{_rule(dark)}}}\n"


def _rule(properties: Mapping[str, str]) -> str:
    return ":root {\n" + "".join(f"  --pb-{name}: {value};\n" for name, value in properties.items()) + "}\n"
