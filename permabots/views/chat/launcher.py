"""The script by which a page of any site shows a web chat: `launcher.js`, as browsers get it."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from permabots.page_headers import protect_data

FILE = Path(__file__).parents[2] / "static/permabots/chat/launcher.js"
CACHED = 600
"""Seconds that browsers and proxies use it: a new version of permabots reaches every site that soon."""
_COMMENT = re.compile(r"^\s*(?://.*\n|/\*(?s:.*?)\*/\n)", re.MULTILINE)


@cache
def source() -> bytes:
    """Return the script without its comments and the blanks at the beginnings of lines."""
    written = _COMMENT.sub("", FILE.read_text(encoding="utf-8"))
    return "\n".join(line.strip() for line in written.splitlines() if line.strip()).encode()


def _etag(request: HttpRequest) -> str:
    return f'"{sha256(source()).hexdigest()[:32]}"'


@login_not_required
@require_safe
@condition(etag_func=_etag)
def launcher(request: HttpRequest) -> HttpResponse:
    """Answer the script to any site. It has nothing of a chat or a person, so it may be in every cache."""
    answer = HttpResponse(source(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={CACHED}"
    # For pages that only load what says that it may be loaded, and for `integrity`.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return protect_data(answer)
