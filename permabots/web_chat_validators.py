"""Validators of what authors write about a web chat."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from permabots.values import Json

MOST_ORIGINS = 20
_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?")
"""What a browser takes as a source of ``frame-ancestors``, and what cannot end the policy (CSP3, section 2.3)."""


def validate_origins(value: Json) -> None:
    """Refuse a list of sites of which one is no origin: scheme, host and perhaps a port, in small letters."""
    if not isinstance(value, list) or len(value) > MOST_ORIGINS:
        raise ValidationError(f"Sites are a list of {MOST_ORIGINS} at most.", code="origins")
    for origin in value:
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            words = "%(origin)s is no site: write its scheme and host, such as https://example.com, and nothing behind."
            raise ValidationError(words, code="origins", params={"origin": repr(origin)[:100]})
