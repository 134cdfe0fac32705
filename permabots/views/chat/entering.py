"""Letting people in: a new conversation, its limits, the identity that a site has signed, the consent."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.module_loading import import_string

from permabots import tasks
from permabots.broker import Order
from permabots.conf import get_config
from permabots.exceptions import WebChatRefused, WebhookRejected
from permabots.models import WebBot
from permabots.pipeline.web_chat import identity, limits, saying, sessions
from permabots.pipeline.web_chat.chats import OpenChat
from permabots.pipeline.web_chat.identity import SignedIdentity
from permabots.pipeline.web_chat.saying import Said
from permabots.pipeline.web_chat.sessions import Visit
from permabots.values import Json
from permabots.views.chat import why
from permabots.views.chat.base import check_no_other_site
from permabots.views.hooks import account_rate

Rule = WebBot.IdentityRule
NOT_ADMITTED = "No new conversation may begin from here."
UNSIGNED = "This chat is only for people whom its site has signed in."
CONSENT_NEEDED = "This chat asks for your consent first."


def enter(request: HttpRequest, chat: OpenChat, values: dict[str, Json]) -> tuple[Visit, str]:
    """Begin a session for somebody who shows no token.

    Args:
        request: the call.
        chat: the web chat.
        values: its body; ``identity`` may be the text that a site has signed, ``new_token`` the token that the page has
            made for itself.

    Returns:
        The device, and its token.

    Raises:
        WebChatRefused: the identity is wrong, one is needed, or too many conversations begin.
    """
    check_no_other_site(request)
    token = values.get("new_token") or ""
    if token and not sessions.is_token(token):
        raise WebChatRefused("new_token must be 256 random bits in URL-safe base64.")
    if token and (visit := sessions.find(chat.row.pk, token)) is not None:
        return visit, token
    person = signed_identity(chat.row, values.get("identity"))
    if person is None and (chat.row.identity == Rule.REQUIRED or not chat.row.public) and not _may_try(request, chat):
        raise WebChatRefused(UNSIGNED, status=401)
    if needs_consent(chat.row, sessions.consent_of(chat.row, person) if person else None, values):
        raise WebChatRefused(CONSENT_NEEDED, status=403)
    if person is None or not sessions.has_conversation(chat.row, person):
        _admit(request, chat, signed=person is not None)
    if person is not None:
        limits.SIGN_INS.count(f"{chat.row.pk} {person.id}")
    return sessions.begin(chat.row, person, token)


def _may_try(request: HttpRequest, chat: OpenChat) -> bool:
    """Return whether somebody of the staff, who may see what is said in a chat, tries it without being signed."""
    return why.staff_of(request, chat.row) is not None


def sign_in(chat: OpenChat, values: dict[str, Json]) -> str:
    """Begin a session on a further device of somebody whom a site has signed.

    Returns:
        Its token; "" where they have no conversation yet: nothing is stored before they say something.

    Raises:
        WebChatRefused: the identity is wrong or missing, or they sign in too often.
    """
    person = signed_identity(chat.row, values.get("identity"))
    if person is None:
        raise WebChatRefused(UNSIGNED, status=401)
    limits.SIGN_INS.count(f"{chat.row.pk} {person.id}")
    return sessions.begin(chat.row, person)[1] if sessions.has_conversation(chat.row, person) else ""


def _admit(request: HttpRequest, chat: OpenChat, *, signed: bool) -> None:
    """Refuse a new conversation that the project does not let begin, or that is one too many."""
    if (admit := get_config().webchat_admit) and not import_string(admit)(request):
        raise WebChatRefused(NOT_ADMITTED, status=403)
    forwarded = request.headers.get("X-Forwarded-For", "")
    limits.count_new(chat.row.bot.pk, request.META.get("REMOTE_ADDR", ""), forwarded, signed=signed)


def signed_identity(row: WebBot, signed: Json) -> SignedIdentity | None:
    """Return who a site says a person is; None where it says nothing.

    Raises:
        WebChatRefused: it is wrong, or the chat takes none.
    """
    if signed in (None, ""):
        return None
    if not isinstance(signed, str) or row.identity == Rule.OFF:
        raise WebChatRefused("This chat takes no signed identity.", status=401)
    return identity.verified(row, signed)


def check_consent(chat: OpenChat, visit: Visit, values: dict[str, Json]) -> None:
    """Store the consent that comes with a message; refuse a message of somebody who has not given it.

    Raises:
        WebChatRefused: with 403; the page asks, and sends the message again.
    """
    if needs_consent(chat.row, visit.consent, values):
        raise WebChatRefused(CONSENT_NEEDED, status=403)
    text = chat.row.consent_text
    if text and (visit.consent or {}).get("text") != text:
        sessions.agree(visit, text)


def needs_consent(row: WebBot, given: dict[str, str] | None, values: dict[str, Json]) -> bool:
    """Return whether a person has not agreed to the chat's present text, neither before nor with this message."""
    text = row.consent_text
    return bool(text) and (given or {}).get("text") != text and values.get("consent") is not True


def say(chat: OpenChat, visit: Visit, message: Said) -> int:
    """Store a message and have it answered.

    Returns:
        Its number.

    Raises:
        WebChatRefused: too many messages, or there is no such button.
        django.db.Error: it could not be stored.
    """
    limits.MESSAGES.count(str(visit.visitor))
    limits.check_unfinished(chat.row.bot.pk, visit.visitor, visit.chat_id, message.id)
    order = _counted(chat)
    number, conversations = saying.store(chat.target, visit, message)
    for conversation in conversations:
        tasks.wake(conversation, chat.target.slug, order=order)
    return number


def _counted(chat: OpenChat) -> Order:
    """Count a message with those of its account and its owner, as a webhook does; return in which order it is answered.

    Raises:
        WebChatRefused: with 429; the page sends it again.
    """
    try:
        account_rate.check(chat.row.pk)
    except WebhookRejected as refusal:
        raise WebChatRefused(refusal.detail, status=refusal.status, retry_after=refusal.retry_after) from None
    return account_rate.count(chat.row.pk, chat.target.owner, 1)
