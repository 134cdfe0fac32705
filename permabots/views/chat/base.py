"""What the views of the web chat share: the chat, the device that calls, and refusals in JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from permabots import logs
from permabots.database import close_with_stale_plans, non_atomic_requests
from permabots.exceptions import SecretUnreadable, WebChatRefused
from permabots.page_headers import protect_chat_page, protect_data
from permabots.pipeline.web_chat import chats, sessions
from permabots.pipeline.web_chat.chats import OpenChat
from permabots.pipeline.web_chat.sessions import Visit
from permabots.views.chat.cookies import cookie_name, drop_cookie
from permabots.web_chat_validators import is_origin

logger = logs.get_logger(__name__)

NOT_FOUND = "There is no such chat."
SESSION_ENDED = "This conversation has ended. Start a new one."
FOREIGN = "This was not sent from the chat's own page."
LONGEST_BODY = 16_384
"""Bytes."""
LONGEST_FORM = 65_536
"""Bytes: a form writes a character in up to three times as many as JSON does."""
TRY_AGAIN = 5
"""Seconds after which a page tries again what could not be stored."""


@method_decorator([login_not_required, csrf_exempt, never_cache, non_atomic_requests], name="dispatch")
class ChatView(View):
    """A view of one web chat. The host's sessions and transactions do not apply."""

    chat: OpenChat

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the call; what is refused is answered in JSON."""
        try:
            if (quick := self.at_once(request, kwargs["slug"])) is not None:
                return quick
            self.chat = _found(kwargs["slug"])
            check_size(request)
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except WebChatRefused as refusal:
            answer = self.refused(refusal)
        except (Error, SecretUnreadable) as error:
            # Each open page asks again and again: no traceback of a database that is away.
            known = isinstance(error, OperationalError | InterfaceError | SecretUnreadable)
            logger.exception("web chat %s: %s", kwargs["slug"], type(error).__name__, exc_info=not known)
            close_with_stale_plans(error)
            answer = self.refused(WebChatRefused("Try again.", status=503, retry_after=TRY_AGAIN))
        return self._protected(answer)

    def _protected(self, answer: HttpResponseBase) -> HttpResponseBase:
        """Put the headers on an answer: those of the chat's page on HTML, else those of data."""
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or not getattr(answer, "content", b""):
            return protect_data(answer)
        chat: OpenChat | None = getattr(self, "chat", None)
        sites = [] if chat is None else chat.row.origins
        return protect_chat_page(answer, [it for it in sites if is_origin(it)])

    def at_once(self, request: HttpRequest, slug: str) -> HttpResponseBase | None:
        """Return the answer of a call that needs nothing of the chat; None for any other.

        Raises:
            WebChatRefused: it is one, and is refused.
        """
        return None

    def refused(self, refusal: WebChatRefused) -> HttpResponseBase:
        """Return the answer of a refusal."""
        answer = JsonResponse({"detail": refusal.detail}, status=refusal.status)
        if refusal.retry_after is not None:
            answer.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
        if refusal.status == 401:
            drop_cookie(self.request, answer, self.kwargs["slug"])  # no script can, and it would be sent again
        return answer

    def visit(self, request: HttpRequest) -> Visit | None:
        """Return the device that calls; None where it shows no token.

        A cookie counts only where the call comes from the chat's own page: a browser adds it to whatever other sites
        have it send.

        Raises:
            WebChatRefused: its token is for no device.
        """
        token = bearer(request)
        if not token and (token := request.COOKIES.get(cookie_name(request, self.chat.row.slug), "")):
            check_own_page(request)
        if not token:
            return None
        if (visit := sessions.find(self.chat.row.pk, token)) is None:
            raise WebChatRefused(SESSION_ENDED, status=401)
        return visit


def _found(slug: str) -> OpenChat:
    if (chat := chats.find(slug)) is None:
        raise WebChatRefused(NOT_FOUND, status=404)
    return chat


def bearer(request: HttpRequest) -> str:
    """Return the token in the header ``Authorization``, "" for none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def check_size(request: HttpRequest) -> None:
    """Refuse a call whose body is larger than anything that a person says, before any of it is read.

    Raises:
        WebChatRefused: with 413.
    """
    most = LONGEST_FORM if request.content_type == "application/x-www-form-urlencoded" else LONGEST_BODY
    length = request.headers.get("Content-Length") or "0"
    if not (length.isascii() and length.isdigit()) or int(length) > most:
        raise WebChatRefused(f"The body is larger than {most} bytes.", status=413)


def check_own_page(request: HttpRequest) -> None:
    """Refuse a call that another site has a browser make.

    Raises:
        WebChatRefused: with 403.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if request.method in {"GET", "HEAD"} and site in {None, "none", "same-origin"}:
        return
    own = f"{request.scheme}://{request.get_host()}"
    if site == "same-origin" or (site is None and request.headers.get("Origin") == own):
        return
    raise WebChatRefused(FOREIGN, status=403)


def check_no_other_site(request: HttpRequest) -> None:
    """Refuse what another site has a browser send to begin a conversation. A program that is no browser may begin one.

    Raises:
        WebChatRefused: with 403.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    # The host alone: behind a proxy that ends TLS the scheme may be another one here.
    foreign = site is None and origin is not None and origin.partition("://")[2] != request.get_host()
    if foreign or site not in {None, "none", "same-origin"}:
        raise WebChatRefused(FOREIGN, status=403)
