"""Sessions: whoever has a token of 256 random bits reads and writes in one conversation."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from permabots.conf import get_config
from permabots.database import atomic
from permabots.models import WebBot, WebSession, WebVisitor
from permabots.models.web_messages import ANONYMOUS, IDENTIFIED
from permabots.pipeline.postgresql import execution, visits
from permabots.pipeline.web_chat.identity import SignedIdentity

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits in URL-safe base64."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A device that was let in.

    Args:
        visitor: the id of the visitor.
        chat_id: the id of the conversation at the provider.
        name: the name that the site has signed.
        last: the number of the newest message.
        consent: the consent that was given, None for none.
        key: what limits count the device by; it is not the token.
    """

    visitor: int
    chat_id: str
    name: str
    last: int
    consent: dict[str, str] | None
    key: str

    @property
    def is_identified(self) -> bool:
        """Whether a site has signed who it is."""
        return self.chat_id.startswith(IDENTIFIED)


def find(chat: UUID, token: str) -> Visit | None:
    """Return the device that a token is for, by one statement; None where it has expired or is for no device.

    Args:
        chat: the web chat.
        token: as the browser sends it.
    """
    key = _digest(token)
    rows = WebSession.objects.filter(token_hash=key, expires_at__gt=Now(), visitor__web_bot=chat)
    names = ("visitor_id", "visitor__chat_id", "visitor__name", "visitor__last", "visitor__consent")
    found: Any = rows.values_list(*names).first()
    if found is None:
        return None
    visitor, chat_id, name, last, consent = found
    return Visit(visitor, chat_id, name, last, consent, key)


def has_conversation(chat: WebBot, identity: SignedIdentity) -> bool:
    """Return whether somebody whom a site has signed has a conversation in a chat already."""
    return _of(chat, identity).exists()


def consent_of(chat: WebBot, identity: SignedIdentity) -> dict[str, str] | None:
    """Return the consent that somebody whom a site has signed has given on any device; None for none."""
    given: dict[str, str] | None = _of(chat, identity).values_list("consent", flat=True).first()
    return given


def agree(visit: Visit, text: str) -> None:
    """Store that somebody has agreed to a text.

    Args:
        visit: who.
        text: the chat's text, as it was shown.
    """
    given = {"text": text, "at": timezone.now().isoformat()}
    WebVisitor.objects.filter(pk=visit.visitor).update(consent=given)


def _of(chat: WebBot, identity: SignedIdentity) -> QuerySet[WebVisitor]:
    return WebVisitor.objects.filter(web_bot=chat, chat_id=f"{IDENTIFIED}{identity.id}")


def has_nothing_after(slug: str, token: str, number: int) -> str | None:
    """Return whether a device has seen all there is, by one statement; most polls ask nothing else.

    Args:
        slug: the last part of the chat's address.
        token: as the browser sends it.
        number: the number that the device has seen last.

    Returns:
        What limits count the device by. None where there may be more, the device or its chat is not found, or the
        database is asked in another way: `chats.find` and `find` say which.
    """
    if not execution.is_used():
        return None
    key = _digest(token)
    return key if visits.last_number(slug, key) == number else None


def is_token(text: object) -> bool:
    """Return whether something can be a token: a page makes that of its first message itself."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def begin(chat: WebBot, identity: SignedIdentity | None, token: str = "") -> tuple[Visit, str]:
    """Begin a session: of a new anonymous visitor, or of the one whom a site has signed.

    Args:
        chat: the web chat.
        identity: who the site says it is; None for nobody.
        token: the token that the page has made; "" for one that is made here. A page whose first message was stored,
            and that was not told, sends it again with the same token: that is the same visitor.

    Returns:
        The device, and its token, which is stored nowhere.
    """
    token = token or secrets.token_urlsafe(32)
    try:
        with atomic():
            return _begun(chat, identity, token), token
    except IntegrityError:
        if (visit := find(chat.pk, token)) is None:
            raise
        return visit, token  # the same page, at the same moment


def _begun(chat: WebBot, identity: SignedIdentity | None, token: str) -> Visit:
    if identity is None:
        visitor = WebVisitor.objects.create(web_bot=chat, chat_id=f"{ANONYMOUS}{uuid4()}")
    else:
        visitor, made = WebVisitor.objects.get_or_create(
            web_bot=chat, chat_id=f"{IDENTIFIED}{identity.id}", defaults={"name": identity.name}
        )
        if not made and visitor.name != identity.name:
            WebVisitor.objects.filter(pk=visitor.pk).update(name=identity.name)
    key = _digest(token)
    life = timedelta(days=get_config().webchat_session_days)
    WebSession.objects.create(visitor=visitor, token_hash=key, expires_at=Now() + life)
    name = identity.name if identity else ""
    return Visit(visitor.pk, visitor.chat_id, name, visitor.last, visitor.consent, key)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
