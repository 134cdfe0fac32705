"""What every table of credentials shares: the state of a connection, and how it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from permabots.addresses import webhook_url
from permabots.database import atomic
from permabots.exceptions import ProviderError
from permabots.models.base import PermabotsModel
from permabots.models.conversation import Contact
from permabots.models.fields import ProvidedId, ProvidedText
from permabots.models.integration_changes import IntegrationQuerySet, account_let_go, integration_changed
from permabots.models.legacy_api import MessageDoors
from permabots.models.registry import providers
from permabots.providers.base.contract import Client
from permabots.values import Identity, Sender

IDENTIFY_INTERVAL = timedelta(days=1)
"""How often providers are asked who their accounts are: a bot may be renamed there."""


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
        paused_until: nothing is sent before: the provider refused the whole account.
        floods: the chats that it refused lately as too many, each with when, in seconds since 1970.
        rate_tat: when its messages so far are through at the provider's rate; None before the first.
        rate_booked_at: when either rate was booked last: where that is to come, the database's clock was set back.
        broadcast_tat: the same for what hooks tell, which get a part of that rate.
        identify_due: the provider is asked again who this is not before; None for now.
        removal_due: the provider is asked to remove the webhook not before; None where it was not asked yet.
    """

    class Status(models.TextChoices):
        """How far a connection is. Only a row that `attach` itself made is ever taken back, so a row has a status
        of its own until somebody connects it."""

        NEW = "new", "not connected yet"
        PENDING = "pending", "being connected"
        CONNECTED = "connected"
        REMOVING = "removing", "being removed"

    SLUG: ClassVar[str]
    SHOWS_INFO: ClassVar[bool] = True
    REFUSED: ClassVar[str] = "Error. Check the credentials or try later."
    WRITE_ONLY: ClassVar[tuple[str, ...]] = ()
    EXAMPLE: ClassVar[dict[str, str]] = {}
    RELEASED_VALUES: ClassVar[dict[str, Any]] = {"status": Status.REMOVING, "account": None, "user_api": None}

    MACHINE = frozenset(
        {"status", "account", "user_api", "webhook_url", "last_error", "last_error_at", "paused_until", "floods"}
        | {"rate_tat", "rate_booked_at", "broadcast_tat", "identify_due", "removal_due"}
    )

    objects: ClassVar[models.Manager[Any]] = IntegrationQuerySet.as_manager()

    enabled = models.BooleanField(default=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW, editable=False)
    account = ProvidedId(max_length=255, null=True, unique=True, editable=False)
    user_api = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="%(class)ss", editable=False
    )
    webhook_url = models.CharField(max_length=500, blank=True, default="", editable=False)
    last_error = ProvidedText(blank=True, default="", editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    floods = models.JSONField(default=list, blank=True, editable=False)
    rate_tat = models.DateTimeField(null=True, blank=True, editable=False)
    rate_booked_at = models.DateTimeField(null=True, blank=True, editable=False)
    broadcast_tat = models.DateTimeField(null=True, blank=True, editable=False)
    identify_due = models.DateTimeField(null=True, blank=True, editable=False)
    removal_due = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(PermabotsModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.SLUG} {self.user_api or self.pk}"

    # The account at its provider

    def values(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return some of the columns, as the provider's plain Python takes them."""
        return {name: getattr(self, name) or "" for name in names}

    def write(self, **values: Any) -> bool:
        """Set columns that no `save` writes, here and in the database; False where the row is gone.

        Raises:
            IntegrityError: another row has that account.
        """
        found = type(self)._default_manager.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
        return bool(found)

    def client(self) -> Client:
        """Return a client with this account's credentials."""
        return self.provider.client(self.values(self.provider.credential_fields))

    def account_identity(self) -> Identity:
        """Return who this bot is at its provider, as far as it is known."""
        return self.user_api.identity() if self.user_api else Identity()

    def note_error(self, error: ProviderError | None) -> None:
        """Keep what the provider said last, or forget it."""
        self.write(last_error=str(error) if error else "", last_error_at=timezone.now() if error else None)

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
        self.update_identity(self.client().identify())
        self._connected()

    def _connected(self) -> None:
        """Note that the provider knows this account: from now on it is in use."""
        if self.status != self.Status.CONNECTED:
            self.write(status=self.Status.CONNECTED)

    def update_identity(self, person: Sender) -> None:
        """Keep the account as the provider describes it. Raises IntegrityError where another row has the account."""
        contact, _ = Contact.objects.update_or_create(
            provider=self.SLUG,
            external_id=person.id,
            defaults={"username": person.username, "first_name": person.first_name, "last_name": person.last_name},
        )
        # Half of it, so that a bot renamed right after it was connected is not one that was asked just now.
        self._belong_to(contact, identify_due=timezone.now() + IDENTIFY_INTERVAL / 2)

    def learn_account(self, account: str) -> None:
        """Keep the account's id, where nobody has asked the provider for it; whatever is known of it stays."""
        self._belong_to(Contact.objects.get_or_create(provider=self.SLUG, external_id=account)[0])

    def _belong_to(self, contact: Contact, **values: Any) -> None:
        with atomic():
            self.write(user_api=contact, account=contact.external_id, **values)

    def set_webhook(self, url: str | None) -> None:
        """Have events sent to ``url``; None or `null_url` to have them sent nowhere.

        No update in flight is refused, whatever becomes of the call: see `WebhookSecret`. Call it outside of a
        transaction.

        Raises:
            ProviderError: the provider did not take it, or did not say so; the old webhook, if any, goes on working.
        """
        if url is None or url == self.null_url:
            self.client().remove_webhook()
        else:
            secret = self.propose_secret()
            self.client().set_webhook(url, secret)
            self.adopt_secret(secret)
        self.write(webhook_url=url or "")
        if self.webhook_url and self.status == self.Status.NEW:
            self._connected()

    def propose_secret(self) -> str:
        """Return the secret that the provider is to send with every call, "" where it is not ours to make."""
        return ""

    def adopt_secret(self, secret: str) -> None:
        """Note that the provider agreed to a secret."""

    def sync_webhook(self) -> None:
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
        self.sync_webhook()


__all__ = ["IDENTIFY_INTERVAL", "IntegrationBot", "account_let_go", "integration_changed", "providers"]
