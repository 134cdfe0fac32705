"""The page of a web chat: with JavaScript it is where `chat.js` works, without it is a form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.http import urlencode

from permabots.exceptions import WebChatRefused
from permabots.pipeline.web_chat import forgetting, sessions
from permabots.pipeline.web_chat.sessions import Visit
from permabots.views.chat import entering, page_form, why
from permabots.views.chat.base import NOT_FOUND, SESSION_ENDED, ChatView, check_own_page
from permabots.views.chat.cookies import cookie_name, drop_cookie, keep_cookie
from permabots.views.chat.language import language_of, translated_to
from permabots.views.chat.page_context import NOTHING, Shown, page_context
from permabots.views.chat.page_form import Sent
from permabots.views.chat.reading import number
from permabots.views.chat.words import no_chat


class PageView(ChatView):
    """The page of a web chat."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page: with the conversation, where a cookie tells which."""
        before = number(request.GET.get("before"))
        visit = self._device()
        self._check_open(visit)
        if visit is not None:
            return self._show(visit, Shown(before=before))
        if self._cookie():
            page = self._show(None, Shown(alert="e401"))
            drop_cookie(self.request, page, self.chat.row.slug)
            return page
        alert = "cookies" if "said" in request.GET else ""
        return self._show(None, Shown(alert=alert, notice="forgotten" if "forgotten" in request.GET else ""))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Take what the form sends, and lead back to the page."""
        check_own_page(request)
        sent = page_form.read(request)
        visit = self._device()
        self._check_open(visit)
        if sent.forget:
            return self._forget(visit, sent)
        if visit is None and self._cookie():
            return self._refused_with(WebChatRefused(SESSION_ENDED, status=401), None, sent)
        try:
            token = page_form.take(request, self.chat, visit, sent)
        except WebChatRefused as refused:
            if refused.detail == entering.CONSENT_NEEDED:
                return self._show(visit, Shown(question="consent", sent=sent))
            return self._refused_with(refused, visit, sent)
        return self._back(token, said="1")

    def refused(self, refusal: WebChatRefused) -> HttpResponseBase:
        """Return the page of a refusal, in words for the person."""
        if not hasattr(self, "chat") or refusal.detail == NOT_FOUND:
            with translation.override(language_of(self.request)):
                context = {"lang": translated_to(), "words": no_chat(refusal.status)}
                page = render(self.request, "permabots/chat/refused.html", context, status=refusal.status)
            return _told_when(page, refusal)
        return self._refused_with(refusal, None, NOTHING)

    def _refused_with(self, refused: WebChatRefused, visit: Visit | None, sent: Sent) -> HttpResponse:
        unsigned = refused.status == 401 and refused.detail != SESSION_ENDED
        shown = Shown(refused.status, "unsigned" if unsigned else f"e{refused.status}", sent=sent)
        page = _told_when(self._show(visit, shown), refused)
        if refused.status == 401:
            drop_cookie(self.request, page, self.chat.row.slug)
        return page

    def _forget(self, visit: Visit | None, sent: Sent) -> HttpResponse:
        if sent.forget == "ask" and visit is not None:
            return self._show(visit, Shown(question="forget"))
        if sent.forget == "yes" and visit is not None:
            forgetting.forget(self.chat.row, visit.visitor)
        page = self._back("", forgotten="1")
        drop_cookie(self.request, page, self.chat.row.slug)
        return page

    def _back(self, token: str, **query: str) -> HttpResponse:
        lang = self.request.POST.get("lang", "")
        address = f"{self.request.path}?{urlencode({**({'lang': lang} if lang else {}), **query})}#pb-newest"
        page = HttpResponseRedirect(address)
        if token:
            keep_cookie(self.request, page, self.chat.row.slug, token)
        return page

    def _cookie(self) -> str:
        return str(self.request.COOKIES.get(cookie_name(self.request, self.chat.row.slug), ""))

    def _device(self) -> Visit | None:
        """Return the device that the cookie tells.

        A page that is opened from a link elsewhere shows the conversation too: only the person sees it. In a frame of
        another site it does not: browsers send no such cookie there, and we would take none.
        """
        cookie = self._cookie()
        inside = self.request.headers.get("Sec-Fetch-Dest", "document") != "document"
        return sessions.find(self.chat.row.pk, cookie) if cookie and not inside else None

    def _check_open(self, visit: Visit | None) -> None:
        """Refuse a page that is not public to whoever is neither known nor of the staff.

        In a frame it is open: who a person is comes from the page around it, and never from an address, which is
        logged, and which anybody can have somebody else open.
        """
        if self.chat.row.public or visit is not None or "frame" in self.request.GET:
            return
        if why.staff_of(self.request, self.chat.row) is None:
            raise WebChatRefused(NOT_FOUND, status=404)

    def _show(self, visit: Visit | None, shown: Shown) -> HttpResponse:
        with translation.override(language_of(self.request)):
            context = page_context(self.request, self.chat, visit, shown)
            return render(self.request, "permabots/chat/page.html", context, status=shown.status)


def _told_when(page: HttpResponse, refusal: WebChatRefused) -> HttpResponse:
    """Return a page with the time after which it may be asked for again, where there is one."""
    if refusal.retry_after is not None:
        page.headers["Retry-After"] = str(int(refusal.retry_after) + 1)
    return page
