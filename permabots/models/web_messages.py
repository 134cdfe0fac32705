"""The people in web chats and their messages: what a messenger's own server would keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from permabots.database import atomic
from permabots.exceptions import RecipientGone
from permabots.models import web_messages_postgresql
from permabots.models.base import MachineColumns
from permabots.models.fields import ProvidedId
from permabots.values import Json, Payload, Receipt

IDENTIFIED = "i:"
ANONYMOUS = "v:"
"""The beginnings of the chat ids of people whom a site has signed, and of others."""


class VisitorQuerySet(models.QuerySet["WebVisitor"]):
    """Visitors, and the messages of their conversations."""

    def reachable(self) -> VisitorQuerySet:
        """Return those who can still read: a device of theirs has a valid session, or they can sign in again."""
        valid = WebSession.objects.filter(visitor=models.OuterRef("pk"), expires_at__gt=Now())
        return self.filter(Q(chat_id__startswith=IDENTIFIED) | models.Exists(valid))

    def unknown(self, old: datetime) -> VisitorQuerySet:
        """Return those of whom nothing is left: no message, no device, and no hook that tells them something.

        Args:
            old: people who came before are old enough.
        """
        theirs = {"visitor": models.OuterRef("pk")}
        named = self.model._meta.apps.get_model("permabots", "Recipient")._base_manager.filter(
            hook__bot__web_bot=models.OuterRef("web_bot"),
            chat_id=models.OuterRef("chat_id"),
            provider=models.Value("web"),
        )
        return self.filter(
            ~models.Exists(WebMessage.objects.filter(**theirs)),
            ~models.Exists(WebSession.objects.filter(**theirs)),
            Q(chat_id__startswith="v:") | ~models.Exists(named),
            created_at__lt=old,
        )

    def append(self, pk: int, author: str, body: Json, key: str) -> int | None:
        """Append a message to a visitor's conversation, once by its key.

        The visitor's row is locked first, so messages are visible in the order of their numbers.

        Args:
            pk: the visitor.
            author: a value of `WebMessage.Author`.
            body: see `WebMessage`.
            key: the key.

        Returns:
            The number of the message; that of the earlier one, where there is one with this key; None where the
            visitor is gone.
        """
        this = self.filter(pk=pk)
        with atomic():
            if not this.update(last=F("last") + 1):
                return None
            known: int | None = WebMessage.objects.filter(visitor=pk, key=key).values_list("number", flat=True).first()
            if known is not None:
                this.update(last=F("last") - 1)
                return known
            number: int = this.values_list("last", flat=True).get()
            WebMessage.objects.create(visitor_id=pk, number=number, author=author, body=body, key=key)
        return number


class WebVisitor(MachineColumns):
    """A person in a web chat.

    Attributes:
        web_bot: the chat.
        chat_id: the id of the conversation: ``i:`` and the id that a site has signed, or ``v:`` and a random one.
        name: the name that a site has signed, "" for none.
        last: the number of the newest message.
        consent: the consent that the person gave: ``{text, at}``; None for none.
        created_at: the time of the first message.
    """

    MACHINE = frozenset({"last", "consent"})

    web_bot = models.ForeignKey("permabots.WebBot", models.CASCADE, related_name="visitors")
    chat_id = ProvidedId(max_length=150)
    name = models.CharField(max_length=100, blank=True, default="")
    last = models.PositiveIntegerField(default=0, editable=False)
    consent = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VisitorQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["web_bot", "chat_id"], name="permabots_visitor_once")]

    def __str__(self) -> str:
        return self.name or self.chat_id


class WebSession(MachineColumns):
    """A device of a visitor: whoever has its token reads and writes in the conversation.

    Attributes:
        visitor: the person.
        token_hash: the SHA-256 of the token, in hexadecimal.
        expires_at: the time from which the token is refused. It is never extended.
    """

    visitor = models.ForeignKey(WebVisitor, models.CASCADE, related_name="sessions")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"session {self.pk}"


class WebMessage(MachineColumns):
    """One message of a web chat, by the person or by the bot.

    Attributes:
        visitor: the person whose conversation it is in.
        number: its place there, from 1.
        author: see `Author`.
        body: of a person ``{text}``, or ``{text, press: [number, row, column]}`` for a pressed button; of the bot
            ``{markup, keyboard}``: Telegram's HTML, and rows of ``{label, url}`` or ``{label, data}``.
        key: what makes it one: the id of the stored call, or ``p:`` and the id that the page gave it.
        created_at: the time when it was stored.
    """

    class Author(models.TextChoices):
        PERSON = "person"
        BOT = "bot"

    visitor = models.ForeignKey(WebVisitor, models.CASCADE, related_name="messages", db_index=False)
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Author)
    body = models.JSONField()
    key = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visitor", "number"], name="permabots_web_number"),
            models.UniqueConstraint(fields=["visitor", "key"], name="permabots_web_message_once"),
        ]

    def __str__(self) -> str:
        return f"message {self.number} of visitor {self.visitor_id}"


def store(account: UUID, payload: Payload) -> Receipt:
    """Store a message of a bot where its page finds it: once by the key of its call.

    Args:
        account: the web chat.
        payload: as the provider rendered it.

    Returns:
        The number of the message as its id.

    Raises:
        RecipientGone: nobody can read the conversation any more.
    """
    chat, body = payload.body["chat"], {"markup": payload.body["markup"], "keyboard": payload.body["keyboard"]}
    if web_messages_postgresql.is_used():
        number = web_messages_postgresql.insert(account, chat, IDENTIFIED, body, payload.key)
        if number is not None:
            return Receipt(str(number))
    visitor = WebVisitor.objects.filter(web_bot=account, chat_id=chat).reachable().values_list("pk", flat=True).first()
    number = None
    if visitor is not None:
        number = WebVisitor.objects.append(visitor, WebMessage.Author.BOT, body, payload.key)
    if number is None:
        raise RecipientGone("the person has left the web chat")
    return Receipt(str(number))
