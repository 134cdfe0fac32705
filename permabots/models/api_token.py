"""API tokens: several of a user, each with its own rights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from permabots.models.base import PermabotsModel
from permabots.security import api_keys
from permabots.values import Json

USE_NOTED_EVERY = timedelta(minutes=1)
"""How often the last use of a token is written."""


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", "Read: see the bots and what came in"
    WRITE = "write", "Write: change the configuration of bots"
    SEND = "send", "Send: post to notification hooks, and try again what failed"
    TOKENS = "tokens", "Tokens: make and revoke API tokens, and so do all that the user can"


def validate_scopes(value: Json) -> None:
    """Refuse JSON that is no list of scopes.

    Raises:
        django.core.exceptions.ValidationError: says which scopes there are.
    """
    if not isinstance(value, list) or not value or not all(item in Scope.values for item in value):
        raise ValidationError(f"A list of scopes is wanted, at least one of: {', '.join(Scope.values)}.")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """A queryset that finds a token by its key."""

    def of_key(self, key: str) -> ApiToken | None:
        """Return the token with a key, with its user, in one query; None where there is none.

        The key before a rotation counts as long as its time of grace lasts.
        """
        digest = api_keys.digest(key)
        replaced = Q(previous_key_digest=digest, previous_key_expires_at__gt=timezone.now())
        return self.select_related("user").filter(Q(key_digest=digest) | replaced).first()

    def usable(self) -> models.QuerySet[ApiToken]:
        """Return the tokens that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class ApiToken(PermabotsModel):
    """A key of the REST API and of notification hooks. Of the key itself only its digest is stored.

    Attributes:
        user: the user who calls with it.
        name: the name shown to people.
        scopes: what it may do, values of `Scope`.
        all_bots: whether it is for all bots of its user, those to come too.
        bots: the bots that it is for, where it is not for all.
        expires_at: the time from which it is refused; None for never.
        key_prefix: the beginning of its key.
        key_digest: the digest of its key.
        previous_key_digest: the digest of the key before the last rotation, None without one.
        previous_key_expires_at: the time from which that key is refused.
        last_used_at: the time when it was last used, to the minute; None for never.
        revoked_at: the time when it was revoked, for good; None where it was not.
    """

    MACHINE = frozenset(
        {"key_prefix", "key_digest", "previous_key_digest", "previous_key_expires_at", "last_used_at", "revoked_at"}
    )

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="permabots_tokens")
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list, validators=[validate_scopes])
    all_bots = models.BooleanField(default=False)
    bots = models.ManyToManyField("permabots.Bot", blank=True, related_name="api_tokens")
    expires_at = models.DateTimeField(null=True, blank=True)
    key_prefix = models.CharField(max_length=20, editable=False)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    previous_key_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    previous_key_expires_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = ApiTokenQuerySet.as_manager()

    class Meta(PermabotsModel.Meta):
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.key_prefix}…)"

    def refusal(self) -> str:
        """Return why the token is refused now, "" where it is not."""
        if self.revoked_at is not None:
            return "This API token was revoked."
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return "This API token has expired."
        return ""

    def is_use_due(self) -> bool:
        """Return whether the last use was not written within the last minute, as far as the row was read."""
        return self.last_used_at is None or self.last_used_at <= timezone.now() - USE_NOTED_EVERY

    def note_use(self) -> None:
        """Write that the token is used now; nothing where another process has written that within the last minute.

        Raises:
            django.db.Error: it could not be written.
        """
        now = timezone.now()
        before = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(before, pk=self.pk).update(last_used_at=now)
