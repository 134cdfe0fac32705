"""An integration as far as its webhook needs it, read from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from permabots.models import IntegrationBot
from permabots.models.registry import model_of, providers
from permabots.pipeline.postgresql import execution, targets
from permabots.security.encryption import Encrypted
from permabots.values import Identity

REMOVING = IntegrationBot.Status.REMOVING


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """An integration, as far as its webhook needs it.

    Args:
        integration_id: the row of credentials.
        bot_id: the bot it serves; None while it is being connected or removed.
        slug: the provider.
        enabled: whether what comes is answered.
        identity: who the bot is at the provider.
        stored: the columns in `Provider.verify_fields`: secrets are encrypted, here and in the cache.
        separate_topics: whether its bot keeps the topics of a chat apart.
        owner: the id of the user that its bot belongs to, as text; "" where it serves none.
    """

    integration_id: UUID
    bot_id: UUID | None
    slug: str
    enabled: bool
    identity: Identity
    stored: Mapping[str, str | Encrypted]
    separate_topics: bool
    owner: str

    def __repr__(self) -> str:
        return f"WebhookTarget({self.slug} {self.integration_id})"

    @property
    def secrets(self) -> dict[str, str]:
        """The columns in `Provider.verify_fields`.

        Raises:
            SecretUnreadable: no key decrypts one of them.
        """
        return {name: it.decrypt() if isinstance(it, Encrypted) else it for name, it in self.stored.items()}

    def plain(self) -> list[Any]:
        """Return it in lists and texts."""
        bot = self.bot_id.hex if self.bot_id else ""
        identity = [self.identity.id, self.identity.username]
        encrypted = {name: it.text for name, it in self.stored.items() if isinstance(it, Encrypted)}
        others = {name: it for name, it in self.stored.items() if not isinstance(it, Encrypted)}
        stored = [[list(item) for item in part.items()] for part in (encrypted, others)]
        known = [self.integration_id.hex, bot, self.slug, self.enabled, identity]
        return [*known, *stored, self.separate_topics, self.owner]

    @classmethod
    def of_plain(cls, value: Any) -> Self | None:
        """Return what `plain` was made of; None where it is anything else."""
        try:
            row, bot, slug, enabled, identity, encrypted, others, topics, owner = value
            secrets, plain = dict(encrypted), dict(others)
            stored = {name: Encrypted(text) for name, text in secrets.items()} | plain
            bot_id = UUID(bot) if bot else None
            found = cls(UUID(row), bot_id, slug, enabled, Identity(*identity), stored, topics, owner)
        except (TypeError, ValueError, AttributeError):
            return None
        texts = (slug, owner, *identity, *stored, *secrets.values(), *plain.values())
        switches = isinstance(enabled, bool) and isinstance(topics, bool)
        return found if switches and all(isinstance(text, str) for text in texts) else None


def read(slug: str, hook_id: UUID) -> WebhookTarget | None:
    """Return an integration as the database has it.

    Args:
        slug: the provider.
        hook_id: the id of its row.

    Returns:
        None where there is none. One that was let go is gone for its provider, though a worker has not removed it yet.
    """
    return _read_at_once(slug, hook_id) if execution.is_used() else _read_by_orm(slug, hook_id)


def _read_at_once(slug: str, hook_id: UUID) -> WebhookTarget | None:
    if (row := targets.read(slug, hook_id)) is None:
        return None
    enabled, bot, topics, owner, account, username, *values = row
    stored = {name: value or "" for name, value in zip(providers()[slug].verify_fields, values, strict=True)}
    return WebhookTarget(hook_id, bot, slug, enabled, Identity(account, username), stored, topics, owner)


def _read_by_orm(slug: str, hook_id: UUID) -> WebhookTarget | None:
    rows: Any = model_of(slug).objects.select_related("user_api", "bot")
    row = rows.filter(pk=hook_id).exclude(status=REMOVING).first()
    if row is None:
        return None
    bot = getattr(row, "bot", None)
    stored = {name: vars(row)[name] or "" for name in providers()[slug].verify_fields}
    identity = row.account_identity()
    if bot is None:
        return WebhookTarget(row.pk, None, slug, row.enabled, identity, stored, separate_topics=False, owner="")
    owner = str(bot.owner_id)
    return WebhookTarget(row.pk, bot.pk, slug, row.enabled, identity, stored, bot.separate_topics, owner)
