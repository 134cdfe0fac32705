"""What an accounts' table states of its provider, and what it does in its own way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from permabots.providers.base.contract import Provider


class AccountFacts(models.Model):
    """A base of `IntegrationBot`, without columns: a table overrides what is different for its provider.

    Attributes:
        SLUG: the provider's slug.
        SHOWS_INFO: whether the REST API shows the account as the provider describes it.
        REFUSED: the REST API's message when the provider refuses the account.
        WRITE_ONLY: credentials that the REST API takes and never shows.
        EXAMPLE: an example of the credentials for the API's schema, where they have a special form.
        RENAMES: whether a connected account may get another id: it is an address that its author chose.
        ROTATES: the column of the secret before the present one, which is taken until it is retired; "" for none.
        MADE_BY_AUTHOR: where an author makes the secret: why it cannot be made here; "" elsewhere.
        HAS_PAGE: whether people meet the bot on a page of this project, see `public_url`.
    """

    class Meta:
        abstract = True

    SLUG: ClassVar[str]
    SHOWS_INFO: ClassVar[bool] = True
    REFUSED: ClassVar[str] = "Error. Check the credentials or try later."
    WRITE_ONLY: ClassVar[tuple[str, ...]] = ()
    EXAMPLE: ClassVar[dict[str, str]] = {}
    RENAMES: ClassVar[bool] = False
    ROTATES: ClassVar[str] = ""
    MADE_BY_AUTHOR: ClassVar[str] = ""
    HAS_PAGE: ClassVar[bool] = False
    provider: Provider

    @classmethod
    def defaults_of(cls, bot: Any) -> dict[str, Any]:
        """Return values for columns that an author may leave empty when a bot is connected.

        Args:
            bot: the bot.
        """
        return {}

    def share(self) -> dict[str, str]:
        """Return what an author hands on so that people come, by its name: nothing where the messenger is found
        elsewhere.

        Raises:
            ConfigurationError: no address is known.
        """
        return {}

    @classmethod
    def stored_rows(cls, accounts: models.QuerySet[Any]) -> tuple[models.QuerySet[Any], ...]:
        """Return the rows of this project that hold what other providers hold on servers of their own.

        Args:
            accounts: the accounts that they are of.

        Returns:
            A queryset for each table; one whose rows name those of another comes before it.
        """
        return ()

    @classmethod
    def expired_rows(cls, old: datetime) -> tuple[models.QuerySet[Any], ...]:
        """Return those of such rows that nobody needs any more, likewise.

        Args:
            old: what was stored before is old enough.
        """
        return ()

    def public_url(self) -> str:
        """Return the address at which people talk to the bot; "" where there is none, or the provider has it."""
        return ""

    def taken(self) -> str:
        """Return why an account that another row has cannot be connected, in words."""
        return f"this {self.provider.name} account serves a bot already"
