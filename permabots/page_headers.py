"""Headers that tell browsers what a page of permabots may do: nothing but what it needs, and in no frame but the chat.

Every answer of our views has them, so they do not depend on the middleware of the host project. Django's own middleware
keeps headers that a response has already. An error that a view raises is answered by Django, outside of the view, with
the host project's page: turning it into an answer here would commit the transaction that it rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http.response import HttpResponseBase

from permabots.conf import get_config

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The policy of an answer that is no page: JSON, metrics, what webhooks answer."""

_ALWAYS = {
    "X-Frame-Options": "DENY",  # for browsers that do not know `frame-ancestors`
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: over HTTPS Django's protection against forged requests asks where a form comes from.
    "Referrer-Policy": "same-origin",
}

Response = TypeVar("Response", bound=HttpResponseBase)


def protect_data(response: Response) -> Response:
    """Put the headers on an answer that is no page, and return it."""
    return _protect(response, DATA_POLICY)


def protect_page(response: Response) -> Response:
    """Put the headers on a page, with the policy of ``PERMABOTS["CONTENT_SECURITY_POLICY"]``, and return it."""
    return _protect(response, get_config().content_security_policy)


def protect_chat_page(response: Response, origins: Collection[str]) -> Response:
    """Put the headers on a page of the web chat, and return it.

    It may stand in frames of its own origin and of the sites that the chat names. ``X-Frame-Options`` knows no list of
    sites, so the page has none, whatever middleware the project has.

    Args:
        response: the answer.
        origins: the sites, ``https://example.com``, that may show the page in a frame.
    """
    answer: Any = response
    answer.xframe_options_exempt = True  # read by Django's middleware
    _protect(response, None)
    del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = chat_policy(origins)
    return response


def chat_policy(origins: Collection[str]) -> str:
    """Return the policy of a page of the web chat: the project's files, its own calls, and no text that becomes code.

    Args:
        origins: the sites that may show the page in a frame.
    """
    own = " ".join(["'self'", *_static_origin()])
    return "; ".join(
        (
            *("default-src 'none'", f"script-src {own}", f"style-src {own}", "img-src 'self'", "media-src 'self'"),
            *("connect-src 'self'", "form-action 'self'", "base-uri 'none'"),
            *(" ".join(["frame-ancestors 'self'", *origins]), "require-trusted-types-for 'script'"),
        )
    )


def _static_origin() -> list[str]:
    """Return the origin of ``STATIC_URL``, where that is another host."""
    parts = urlsplit(settings.STATIC_URL or "")
    return [f"{parts.scheme}://{parts.netloc}" if parts.scheme else parts.netloc] if parts.netloc else []


def protected(
    view: Callable[..., Any], protect: Callable[[HttpResponseBase], HttpResponseBase] = protect_page
) -> Callable[..., Any]:
    """Return a view whose answers have the headers.

    Args:
        view: the view.
        protect: puts the headers on its answers.
    """

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return protect(view(*args, **kwargs))

    return answer


def protected_data(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view, whose answers are no pages, with the headers on its answers."""
    return protected(view, protect_data)


def _protect(response: Response, policy: str | None) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if policy:
        response.headers.setdefault("Content-Security-Policy", policy)
    return response
