"""The web chat of a bot: where its page is, who may show it and who may talk there."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.text import slugify

from permabots.addresses import chat_url
from permabots.database import atomic
from permabots.exceptions import ConfigurationError, PermanentError
from permabots.models.encrypted import EncryptedCharField, is_readable
from permabots.models.integration import IntegrationBot
from permabots.models.web_messages import IDENTIFIED, WebMessage, WebSession, WebVisitor, store
from permabots.providers.base.contract import Client
from permabots.values import Sender
from permabots.web_chat_validators import validate_identity_secret, validate_origins, validate_theme

LONGEST_SLUG = 50
validate_slug = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z",
    "An address is made of small letters, digits and hyphens in between, 50 at most.",
)


class WebBot(IntegrationBot):
    """A bot's web chat. ``account`` is its `slug`, so no two chats in use have one address.

    Attributes:
        slug: the last part of the address of its page, ``/chat/<slug>/``.
        title: the name that people see; "" for the bot's.
        greeting: the text that is shown before a person has said anything; "" for none.
        start: how a conversation begins, see `Start`.
        consent_text: what a person agrees to before the first message is sent; "" for nothing.
        origins: the sites, ``https://example.com``, whose pages may show the chat in a frame.
        public: whether anybody may open the page; else only people whom a site has signed, and staff.
        identity: whether sites may, or must, sign who a person is, see `IdentityRule`.
        identity_secret: the secret with which they sign.
        previous_identity_secret: the secret before, still valid.
        theme: colours and forms of the page.
    """

    class Start(models.TextChoices):
        """How a conversation begins."""

        BUTTON = "button", "a button “Start” says /start"
        OPEN = "open", "opening it on a site says /start"
        NONE = "none", "the person writes first"

    class IdentityRule(models.TextChoices):
        """Whether sites sign who a person is."""

        OFF = "off", "nobody is signed"
        OPTIONAL = "optional", "who is signed is known, the others are anonymous"
        REQUIRED = "required", "only people who are signed"

    SLUG = "web"
    SHOWS_INFO = False
    RENAMES = True
    HAS_PAGE = True
    REFUSED = "Web chat Error. Choose another address."
    WRITE_ONLY = ("identity_secret",)
    ROTATES = "previous_identity_secret"
    MADE_BY_AUTHOR = (
        "The secret with which sites sign people is yours: give the account a new identity_secret. The one before is "
        "taken until it is retired."
    )

    slug = models.CharField(
        max_length=LONGEST_SLUG,
        blank=True,
        default="",
        validators=[validate_slug],
        help_text="The last part of the page's address. Empty for one that is made of the bot's name.",
    )
    title = models.CharField(max_length=80, blank=True, default="", help_text="The name that people see.")
    greeting = models.TextField(
        max_length=1000, blank=True, default="", help_text="Shown before a person has said anything; nothing is stored."
    )
    start = models.CharField(max_length=10, choices=Start, default=Start.BUTTON, help_text="How a conversation begins.")
    consent_text = models.TextField(
        max_length=2000, blank=True, default="", help_text="What a person agrees to before the first message is sent."
    )
    origins = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text="Sites whose pages may show the chat, such as https://example.com.",
    )
    public = models.BooleanField(default=True, help_text="Whether anybody who has the address may talk.")
    identity = models.CharField(
        max_length=10,
        choices=IdentityRule,
        default=IdentityRule.OFF,
        help_text="Whether your site may, or must, sign who a person is.",
    )
    identity_secret = EncryptedCharField(
        max_length=200,
        blank=True,
        default="",
        validators=[validate_identity_secret],
        help_text="With it your site signs who a person is. A new one leaves the one before valid until it is retired.",
    )
    previous_identity_secret = EncryptedCharField(max_length=200, blank=True, default="", editable=False)
    theme = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_theme],
        help_text='Colours and forms of the page, such as {"accent": "#1a5fb4", "radius": 12}.',
    )

    @classmethod
    def defaults_of(cls, bot: Any) -> dict[str, Any]:
        """Return the address that the bot's chat has; where it has none, a title and an address of the bot's name."""
        if (current := getattr(bot, "web_bot", None)) is not None:
            return {"slug": current.slug}
        return {"slug": _free_slug(bot.name), "title": bot.name[:80]}

    @classmethod
    def stored_rows(cls, accounts: models.QuerySet[Any]) -> tuple[models.QuerySet[Any], ...]:
        """Return the messages, the sessions and the people of chats."""
        return (
            WebMessage._base_manager.using(accounts.db).filter(visitor__web_bot__in=accounts),
            WebSession._base_manager.using(accounts.db).filter(visitor__web_bot__in=accounts),
            WebVisitor._base_manager.using(accounts.db).filter(web_bot__in=accounts),
        )

    @classmethod
    def expired_rows(cls, old: datetime) -> tuple[models.QuerySet[Any], ...]:
        """Return old messages, sessions whose tokens are refused, and people of whom nothing is left."""
        return (
            WebMessage.objects.filter(created_at__lt=old),
            WebSession.objects.filter(expires_at__lte=Now()),
            WebVisitor.objects.unknown(old),
        )

    def public_url(self) -> str:
        """Return the address of the chat's page; "" where ``permabots.urls_chat`` is not in the project's URLs."""
        try:
            return chat_url("page", slug=self.slug)
        except ConfigurationError:
            return ""

    def taken(self) -> str:
        """Return that another chat has the address."""
        return f"another web chat has the address {self.slug!r}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row. A new identity secret leaves the one before valid until `retire_secret`, or until the next one.

        Once a secret is not valid any more, the sessions of people whom a site has signed end: whoever had the secret
        may have begun one.
        """
        written = kwargs.get("update_fields")
        if self._state.adding or not self._has_new_secret(written):
            super().save(*args, **kwargs)
            return
        with atomic():
            dropped = self._keep_secret_before()
            if written is not None:
                kwargs["update_fields"] = {*written, self.ROTATES}
            super().save(*args, **kwargs)
            if dropped:
                self._end_signed_sessions()

    def retire_secret(self) -> None:
        """Take no more identities that are signed with the secret before, and end all sessions of signed people."""
        with atomic():
            self.previous_identity_secret = ""
            self.save(update_fields=[self.ROTATES])
            self._end_signed_sessions()

    def _has_new_secret(self, written: Collection[str] | None) -> bool:
        """Return whether a save writes another identity secret than was read, as far as the row knows."""
        read = self.__dict__.get("_stored", {}).get("identity_secret")
        return (written is None or "identity_secret" in written) and vars(self).get("identity_secret", read) != read

    def _keep_secret_before(self) -> bool:
        """Make the stored secret the one before, unless it is the very one that is saved.

        Returns:
            Whether a secret that was valid is not any more.
        """
        rows = type(self)._default_manager.select_for_update().filter(pk=self.pk)
        stored: Any = rows.values_list("identity_secret", self.ROTATES).first()
        current: Any
        current, before = stored or ("", "")
        readable = is_readable(current)
        if readable and (current.decrypt() if current else "") == self.identity_secret:
            return False
        keeps = bool(self.identity_secret) and readable
        self.previous_identity_secret = current if keeps else ""
        return bool(before) or (bool(current) and not keeps)

    def _end_signed_sessions(self) -> None:
        WebSession.objects.filter(visitor__web_bot=self.pk, visitor__chat_id__startswith=IDENTIFIED).delete()

    def client(self) -> Client:
        """Return a client that stores messages for the page."""
        provider: Any = self.provider
        client: Client = provider.client_of(lambda payload: store(self.pk, payload), self._as_account)
        return client

    def _as_account(self) -> Sender:
        """Return who the bot is.

        Raises:
            PermanentError: another chat has this address, or sites are to sign people, and there is no secret for that.
        """
        if self.identity != self.IdentityRule.OFF and not vars(self).get("identity_secret"):
            raise PermanentError("identity_secret is missing: without it no site can sign who a person is")
        others = type(self)._default_manager.filter(account=self.slug).exclude(pk=self.pk)
        if self.account and others.exists():
            raise PermanentError(self.taken())
        return Sender(self.slug, self.slug, self.title)

    def share(self) -> dict[str, str]:
        """Return the address of the page, and the tag that puts the chat on pages of the sites in `origins`.

        Raises:
            ConfigurationError: ``permabots.urls_chat`` is not in the project's URLs.
        """
        page = chat_url("page", slug=self.slug)
        script = f'<script async src="{urljoin(page, "../launcher.js")}" data-bot="{self.slug}"></script>'
        return {"Address": page, "Script": script}

    def visible_title(self) -> str:
        """Return the name that people see."""
        return self.title or str(getattr(self, "bot", None) or self.slug)


def _free_slug(name: str) -> str:
    """Return an address that no chat in use has: of the bot's name, with a random end where that is taken."""
    slug = slugify(name)[:40].strip("-").replace("_", "-")
    if slug and not WebBot._default_manager.filter(account=slug).exists():
        return slug
    return f"{slug or 'chat'}-{secrets.token_hex(4)}"
