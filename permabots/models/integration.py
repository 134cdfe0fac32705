"""What every table of credentials shares: the state of a connection, and how it is made."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from permabots.addresses import webhook_url
from permabots.database import atomic
from permabots.exceptions import ProviderError
from permabots.messages import Identity, Person
from permabots.models.base import PermabotsModel
from permabots.models.conversation import Contact
from permabots.models.doors import MessageDoors
from permabots.models.registry import providers
from permabots.providers.base.contract import Client


class IntegrationBot(MessageDoors, PermabotsModel):
    """A bot's account at one provider.

    Attributes:
        SLUG: the provider's.
        SHOWS_INFO: whether the REST API shows the account as the provider describes it.
        REFUSED: what the REST API says when the provider refuses the account.
        WRITE_ONLY: credentials that the REST API takes and never shows.
        EXAMPLE: what the API's schema shows of credentials that have a form of their own.
        enabled: a disabled account stores what comes as ignored and sends nothing.
        status: see `Status`.
        account: the provider's id of the account, unique among the rows in use unless the table says otherwise; NULL
            while the row is being removed.
        user_api: the account as the provider describes it.
        webhook_url: the address that the provider was given, "" for none.
        last_error: what the provider said when it last refused something, "" since then nothing.
        last_error_at: when.
        paused_until: nothing is sent before.
        paced: when its messages so far are through at the provider's rate; None before the first.
        paced_at: when `paced` was written: where that is to come, the clock of the database was set back.
        broadcast: the same for what hooks tell, which get a part of that rate.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "being connected"
        CONNECTED = "connected"
        REMOVING = "removing", "being removed"

    SLUG: ClassVar[str]
    SHOWS_INFO: ClassVar[bool] = True
    REFUSED: ClassVar[str] = "Error. Check the credentials or try later."
    WRITE_ONLY: ClassVar[tuple[str, ...]] = ()
    EXAMPLE: ClassVar[dict[str, str]] = {}
    LET_GO: ClassVar[dict[str, Any]] = {"status": Status.REMOVING, "account": None, "user_api": None}

    enabled = models.BooleanField(default=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING, editable=False)
    account = models.CharField(max_length=255, null=True, unique=True, editable=False)
    user_api = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="%(class)ss", editable=False
    )
    webhook_url = models.CharField(max_length=500, blank=True, default="", editable=False)
    last_error = models.TextField(blank=True, default="", editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    paced = models.DateTimeField(null=True, blank=True, editable=False)
    paced_at = models.DateTimeField(null=True, blank=True, editable=False)
    broadcast = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(PermabotsModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.SLUG} {self.user_api or self.pk}"

    # The account at its provider

    def values(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return some of the columns, as the provider's plain Python takes them."""
        return {name: getattr(self, name) or "" for name in names}

    def client(self) -> Client:
        """Return a client with this account's credentials."""
        return self.provider.client(self.values(self.provider.credential_fields))

    def whoami(self) -> Identity:
        """Return who this bot is at its provider, as far as it is known."""
        return self.user_api.identity() if self.user_api else Identity()

    def note_error(self, error: ProviderError | None) -> None:
        """Keep what the provider said last, or forget it."""
        self.last_error = str(error) if error else ""
        self.last_error_at = timezone.now() if error else None
        self.save(update_fields=["last_error", "last_error_at"])

    # Documented: connecting

    @property
    def hook_url(self) -> str:
        """The name of the view that takes this provider's webhook."""
        return f"permabots:{self.SLUG}bot"

    @property
    def hook_id(self) -> str:
        """What stands for this row in the webhook's URL."""
        return str(self.pk)

    @property
    def identity(self) -> str:
        """What templates see as ``service``."""
        return self.SLUG

    @property
    def null_url(self) -> str | None:
        """The URL that stands for no webhook."""
        return self.provider.null_url

    def absolute_hook_url(self) -> str:
        """Return the whole address of this row's webhook.

        Raises:
            ConfigurationError: no domain is known, or the URLs are not included.
        """
        return webhook_url(f"{self.SLUG}bot", hook_id=self.hook_id)

    def init_bot(self) -> None:
        """Ask the provider who this account is, and keep it.

        Raises:
            ProviderError: it does not say.
        """
        self.learn(self.client().identify())

    def learn(self, person: Person) -> None:
        """Keep the account as the provider describes it. Raises IntegrityError where another row has the account."""
        self.user_api = Contact.objects.update_or_create(
            provider=self.SLUG,
            external_id=person.id,
            defaults={"username": person.username, "first_name": person.first_name, "last_name": person.last_name},
        )[0]
        self.account = person.id
        with atomic():
            self.save(update_fields=["user_api", "account"])

    def learn_account(self, account: str) -> None:
        """Keep the account's id, where nobody has asked the provider for it; whatever is known of it stays."""
        self.user_api, _ = Contact.objects.get_or_create(provider=self.SLUG, external_id=account)
        self.account = account
        with atomic():
            self.save(update_fields=["user_api", "account"])

    def set_webhook(self, url: str | None) -> None:
        """Have events sent to ``url``; None or `null_url` to have them sent nowhere.

        A new secret is stored before the provider is told, and the old one is taken for as long as it may be on its
        way: no update in flight is refused.

        Raises:
            ProviderError: the provider did not take it; the old webhook, if any, goes on working.
        """
        if url is None or url == self.null_url:
            self.client().remove_webhook()
        else:
            self.client().set_webhook(url, self._next_secret())
        self.webhook_url = url or ""
        self.save(update_fields=["webhook_url"])

    def _next_secret(self) -> str:
        """Make the secret of the webhook that is about to be set, for tables that have a column for it."""
        row: Any = self
        if not hasattr(row, "webhook_secret"):
            return ""
        row.previous_webhook_secret = row.webhook_secret
        row.webhook_secret = secret = secrets.token_urlsafe(32)
        row.save(update_fields=["previous_webhook_secret", "webhook_secret"])
        return secret

    def point_webhook(self) -> None:
        """Have the provider send events here; nowhere while the account is disabled.

        Raises:
            ProviderError: it did not take it; that is kept in `last_error`.
            ConfigurationError: no webhook domain is known.
        """
        try:
            self.set_webhook(self.absolute_hook_url() if self.enabled else None)
        except ProviderError as error:
            self.note_error(error)
            raise
        if self.last_error:
            self.note_error(None)

    def connect(self) -> None:
        """Ask the provider who this account is and point its webhook here. Call it outside of a transaction.

        Raises:
            ProviderError: the provider refused.
            ConfigurationError: no webhook domain is known.
        """
        self.init_bot()
        self.point_webhook()


__all__ = ["IntegrationBot", "providers"]
