"""The language of a page: the first that the person wants and somebody has translated the page to."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import pgettext
from django.utils.translation.trans_real import parse_accept_lang_header


def language_of(request: HttpRequest) -> str:
    """Return the code of the page's language.

    Args:
        request: ``?lang=`` comes before ``Accept-Language``; what the project has by default comes last.
    """
    return next((code for code in _wanted(request) if _is_translated(code)), "en")


def translated_to() -> str:
    """Return the code of the language that the words of the page are in."""
    return pgettext("the code of the language of this translation", "en")


def _wanted(request: HttpRequest) -> Iterator[str]:
    asked = request.GET.get("lang") or request.POST.get("lang") or ""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    for code in (asked, *(code for code, _ in accepted), translation.get_language() or ""):
        try:
            yield translation.get_supported_language_variant(code)
        except LookupError:
            continue


def _is_translated(code: str) -> bool:
    with translation.override(code):
        return translated_to().partition("-")[0] == code.partition("-")[0]
