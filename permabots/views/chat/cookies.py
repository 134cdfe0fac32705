"""The cookie of a page without JavaScript: it holds the token of its conversation."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from permabots.conf import get_config

DAY = 86_400
"""Seconds."""


def cookie_name(request: HttpRequest, slug: str) -> str:
    """Return the name of a chat's cookie. Over HTTPS browsers keep it from other hosts."""
    return f"{'__Host-' if request.is_secure() else ''}permabots-chat-{slug}"


def keep_cookie(request: HttpRequest, answer: HttpResponseBase, slug: str, token: str) -> None:
    """Have the browser keep the token of a conversation, out of reach of scripts and of other sites.

    Args:
        request: the call.
        answer: its answer, which gets the cookie.
        slug: of the chat.
        token: the token.
    """
    answer.set_cookie(
        cookie_name(request, slug),
        token,
        get_config().webchat_session_days * DAY,
        path=_path(request, slug),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(request: HttpRequest, answer: HttpResponseBase, slug: str) -> None:
    """Have the browser drop the cookie of a chat, where it has sent one."""
    if (name := cookie_name(request, slug)) in request.COOKIES:
        answer.delete_cookie(name, path=_path(request, slug), samesite="Lax")


def _path(request: HttpRequest, slug: str) -> str:
    """Return where browsers send the cookie to: everywhere on this host, as they want it of this kind over HTTPS."""
    return "/" if request.is_secure() else reverse("chat:page", args=[slug])
