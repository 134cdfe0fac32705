"""The base of the accounts' tables: the state of a connection, and the methods that make one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from permabots.addresses import webhook_url
from permabots.database import atomic
from permabots.exceptions import ProviderError
from permabots.models.account_facts import AccountFacts
from permabots.models.conversation import Contact
from permabots.models.fields import ProvidedId, ProvidedText
from permabots.models.integration_changes import IntegrationQuerySet, account_released, integration_changed
from permabots.models.legacy_api import MessageMethods
from permabots.models.recorded import RecordedAccount
from permabots.models.registry import providers
from permabots.providers.base.contract import Client
from permabots.values import Identity, Sender

IDENTIFY_INTERVAL = timedelta(days=1)
"""How often providers are asked for their accounts' identities: a bot may be renamed there."""


class IntegrationBot(AccountFacts, MessageMethods, RecordedAccount):
    """A bot's account at one provider.

    Attributes:
        enabled: whether the account is in use; a disabled one stores events as ignored and sends nothing.
        status: see `Status`.
        account: the provider's id of the account, unique among the rows in use unless the table says otherwise; NULL
            while the row is being removed.
        user_api: the account as the provider describes it.
        webhook_url: the webhook address that the provider has, "" for none.
        last_error: the provider's last refusal, "" after the next success.
        last_error_at: the time of that refusal.
        paused_until: nothing is sent before this time: the provider refused the whole account.
        floods: the chats that the provider lately refused as too many, each with the time in seconds since 1970.
        rate_tat: the theoretical arrival time (TAT) at the provider's rate for the account; None before the first.
        rate_booked_at: when `rate_tat` or `broadcast_tat` last changed; a time to come shows a clock that was set back.
        broadcast_tat: the theoretical arrival time of the part of that rate which notifications may use.
        identify_due: the provider is not asked for the account's identity before this time; None for now.
        removal_due: the provider is not asked to remove the webhook before this time; None where it was never asked.
    """

    class Status(models.TextChoices):
        """The state of a connection. `attach` deletes only rows that it created itself, so a row that was never
        connected has a status of its own."""

        NEW = "new", "not connected yet"
        PENDING = "pending", "being connected"
        CONNECTED = "connected"
        REMOVING = "removing", "being removed"

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

    class Meta(RecordedAccount.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.SLUG} {self.user_api or self.pk}"

    # The account at its provider
    def values(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return the columns with these names as text, for the provider's code; "" for NULL."""
        return {name: getattr(self, name) or "" for name in names}

    def write(self, **values: Any) -> bool:
        """Set machine columns, on this object and in the database; return False where the row has been deleted.

        Raises:
            IntegrityError: another row has that account.
        """
        updated = type(self)._default_manager.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
        return bool(updated)

    def client(self) -> Client:
        """Return a client with this account's credentials."""
        return self.provider.client(self.values(self.provider.credential_fields))

    def account_identity(self) -> Identity:
        """Return the bot's identity at the provider; an empty one where it is unknown."""
        return self.user_api.identity() if self.user_api else Identity()

    def note_error(self, error: ProviderError | None) -> None:
        """Store the provider's last refusal; None clears it."""
        self.write(last_error=str(error) if error else "", last_error_at=timezone.now() if error else None)

    # Documented: connecting

    @property
    def hook_url(self) -> str:
        """The name of the view that receives this provider's webhook calls."""
        return f"permabots:{self.SLUG}bot"

    @property
    def hook_id(self) -> str:
        """The id of this row in the webhook's URL."""
        return str(self.pk)

    @property
    def identity(self) -> str:
        """The provider's slug, ``service`` in templates."""
        return self.SLUG

    @property
    def null_url(self) -> str | None:
        """The URL that stands for no webhook."""
        return self.provider.null_url

    def absolute_hook_url(self) -> str | None:
        """Return the whole address of this row's webhook; None where the provider calls none.

        Raises:
            ConfigurationError: no domain is known, or the URLs are not included.
        """
        return webhook_url(f"{self.SLUG}bot", hook_id=self.hook_id) if self.provider.has_webhook else None

    def init_bot(self) -> None:
        """Ask the provider for the account's identity, and store it.

        Raises:
            ProviderError: the call failed.
            IntegrityError: another row has that account.
        """
        self.update_identity(self.client().identify())
        self._connected()

    def _connected(self) -> None:
        """Note that the account is connected."""
        if self.status != self.Status.CONNECTED:
            self.write(status=self.Status.CONNECTED)

    def update_identity(self, person: Sender) -> None:
        """Store the account as the provider describes it.

        Raises:
            IntegrityError: another row has that account.
        """
        contact, _ = Contact.objects.update_or_create(
            provider=self.SLUG,
            external_id=person.id,
            defaults={"username": person.username, "first_name": person.first_name, "last_name": person.last_name},
        )
        # Half of the interval: a bot is often renamed soon after it was connected.
        self._belong_to(contact, identify_due=timezone.now() + IDENTIFY_INTERVAL / 2)

    def learn_account(self, account: str) -> None:
        """Store the provider's id of the account without asking it; a description that is stored already stays.

        Raises:
            IntegrityError: another row has that account.
        """
        self._belong_to(Contact.objects.get_or_create(provider=self.SLUG, external_id=account)[0])

    def _belong_to(self, contact: Contact, **values: Any) -> None:
        with atomic():
            self.write(user_api=contact, account=contact.external_id, **values)

    def set_webhook(self, url: str | None) -> None:
        """Have the provider send events to ``url``, None or `null_url` for none. To be called outside of a transaction.

        Events in flight are accepted, whether the call succeeds or not: see `WebhookSecret`.

        Raises:
            ProviderError: the provider refused the call or did not answer; an old webhook goes on working.
        """
        client = self.client()  # first: its credentials may be unreadable
        if url is None or url == self.null_url:
            client.remove_webhook()
        else:
            secret = self.propose_secret()
            client.set_webhook(url, secret)
            self.adopt_secret(secret)
        self.write(webhook_url=url or "")
        if self.webhook_url and self.status == self.Status.NEW:
            self._connected()

    def propose_secret(self) -> str:
        """Return the secret that the provider should send with every call, "" where permabots does not choose it."""
        return ""

    def adopt_secret(self, secret: str) -> None:
        """Note that the provider accepted a secret."""

    def sync_webhook(self) -> None:
        """Set the webhook; remove it while the account is disabled.

        Raises:
            ProviderError: the call failed; the reason is stored in `last_error`.
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
        """Store the account's identity and set its webhook. To be called outside of a transaction.

        Raises:
            ProviderError: a call to the provider failed.
            ConfigurationError: no webhook domain is known.
        """
        self.init_bot()
        self.sync_webhook()


__all__ = ["IDENTIFY_INTERVAL", "IntegrationBot", "account_released", "integration_changed", "providers"]
