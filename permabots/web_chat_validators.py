"""Validators of what authors write about a web chat."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from permabots.values import Json
from permabots.web_chat_theme import FONTS, LARGEST_RADIUS, LEAST_CONTRAST, POSITIONS, SIZES, colour_pairs, contrast

MOST_ORIGINS = 20
SHORTEST_SECRET = 32
_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?")
"""What a browser takes as a source of ``frame-ancestors``, and what cannot end the policy (CSP3, section 2.3)."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_COLOURS = ("accent", "accent_text", "background", "text", "dark_background", "dark_text")
_CHOICES = {"font": FONTS, "position": POSITIONS, "size": SIZES}


def is_origin(value: Json) -> bool:
    """Return whether a value is a site: scheme, host and perhaps a port."""
    return isinstance(value, str) and _ORIGIN.fullmatch(value) is not None


def validate_identity_secret(value: str) -> None:
    """Refuse a secret that could be guessed: whoever sees one signed identity can try secrets as fast as they like."""
    if len(value) < SHORTEST_SECRET:
        words = "An identity secret has %(least)s characters at least: make one by chance."
        raise ValidationError(words, code="identity_secret", params={"least": SHORTEST_SECRET})


def validate_origins(value: Json) -> None:
    """Refuse a list of sites of which one is no origin: scheme, host and perhaps a port, in small letters."""
    if not isinstance(value, list) or len(value) > MOST_ORIGINS:
        raise ValidationError(f"Sites are a list of {MOST_ORIGINS} at most.", code="origins")
    for origin in value:
        if not is_origin(origin):
            words = "%(origin)s is no site: write its scheme and host, such as https://example.com, and nothing behind."
            raise ValidationError(words, code="origins", params={"origin": repr(origin)[:100]})


def validate_theme(value: Json) -> None:
    """Refuse a theme with something that no theme has, or with text that is hard to read on what is behind it."""
    if not isinstance(value, dict):
        raise ValidationError("A theme is an object, such as {}.", code="theme")
    for name, it in value.items():
        _check_part(name, it)
    for written, behind, words in colour_pairs(value):
        if (found := contrast(written, behind)) < LEAST_CONTRAST:
            words = f"{words}: {written} on {behind} has a contrast of {found:.2f}, and {LEAST_CONTRAST} is needed."
            raise ValidationError(words, code="theme")


def _check_part(name: str, value: Json) -> None:
    if name in _COLOURS:
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise ValidationError(f"{name} must be a colour such as #1a5fb4.", code="theme")
    elif name == "radius":
        if type(value) is not int or not 0 <= value <= LARGEST_RADIUS:
            raise ValidationError(f"radius must be a whole number of pixels up to {LARGEST_RADIUS}.", code="theme")
    elif name in _CHOICES:
        if not isinstance(value, str) or value not in _CHOICES[name]:
            raise ValidationError(f"{name} must be one of: {', '.join(_CHOICES[name])}.", code="theme")
    else:
        known = ", ".join((*_COLOURS, "radius", *_CHOICES))
        raise ValidationError(
            "%(name)s is no part of a theme: there are %(known)s.", "theme", {"name": repr(name)[:100], "known": known}
        )
