"""A bot's accounts at providers. A provider is asked whenever one changes, so nothing here is in a transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from permabots.exceptions import ConfigurationError, IntegrationRefused, ProviderError
from permabots.models import IntegrationBot
from permabots.models.registry import model_of
from permabots.models.webhook_secret import missing_secret
from permabots.pipeline.authoring import integrations, webhook_secrets
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.serializers.integration import StatusSerializer, integration_change_serializer, integration_serializer
from permabots.views.access.scopes import CONFIGURATION
from permabots.views.api.base import OwnedViewSet
from permabots.views.api.traffic.pages import refuse_body

NO_BODY = "The secret is made here: there is no body."


class IntegrationViewSet(OwnedViewSet):
    """A bot's account at one provider: at most one.

    Attributes:
        slug: the provider.
    """

    scopes = CONFIGURATION
    slug = ""

    def read_serializer(self) -> type[Serializer]:
        return StatusSerializer if self.action == "status" else integration_serializer(model_of(self.slug))

    def get_serializer_class(self) -> type[Serializer]:
        if self.action in {"update", "partial_update"}:
            return integration_change_serializer(model_of(self.slug))
        return self.read_serializer()

    def get_object(self) -> IntegrationBot:
        """Return the bot's account at this provider; where the URL has an id, the account of that id.

        Raises:
            NotFound: the bot has none, or another one.
        """
        row = self.bot.integration(self.slug)
        if row is None or self.kwargs.get("id", row.pk) != row.pk:
            raise NotFound
        return row

    def list(self, request: Request, **_: Any) -> Response:
        """The account, not a list: a bot has one at most."""
        return Response(self.shown(self.get_object()))

    def create(self, request: Request, **_: Any) -> Response:
        """Connect the bot; another account that it had here is replaced, and loses its webhook."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        credentials = dict(serializer.validated_data)
        enabled = credentials.pop("enabled", True)
        try:
            with self._slot():
                row = integrations.attach(self.bot, self.slug, credentials, enabled=enabled)
        except (ConfigurationError, IntegrationRefused) as error:
            return self._refused(error)
        return self.answer(self.shown(row), _warnings(row), status=201)

    def retrieve(self, request: Request, **_: Any) -> Response:
        """The account."""
        return self.answer(self.shown(self.get_object()))

    def update(self, request: Request, *, partial: bool = False, **_: Any) -> Response:
        """Enable or disable the account, or give it new credentials of its own."""
        row = self.unchanged()
        serializer = self.get_serializer(row, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        credentials = dict(serializer.validated_data)
        enabled = credentials.pop("enabled", row.enabled)
        try:
            with self._slot():
                integrations.change(row, credentials, enabled=enabled)
        except (ConfigurationError, IntegrationRefused) as error:
            return self._refused(error)
        return self.answer(self.shown(row), _warnings(row))

    def partial_update(self, request: Request, **_: Any) -> Response:
        """Change what the body names."""
        return self.update(request, partial=True)

    def destroy(self, request: Request, **_: Any) -> Response:
        """Disconnect the bot. The webhook is removed at the provider as soon as that answers."""
        self.unchanged()
        integrations.detach(self.bot, self.slug)
        return Response(status=204)

    def status(self, request: Request, **_: Any) -> Response:
        """Return the state of the webhook as the provider reports it, its last refusal, and the account's id."""
        row = self.get_object()
        try:
            with self._slot():
                info = row.client().webhook_info()
        except ProviderError as error:
            return self._refused(error)
        state = {
            "account": row.account,
            "authenticated": row.provider.can_verify(row.values(row.provider.verify_fields)),
            "problem": f"{missing} missing" if (missing := missing_secret(row)) else "",
            "rotating": webhook_secrets.is_rotating(row),
            "url": info.url,
            "expected_url": row.webhook_url,
            "pending": info.pending,
            "last_error": info.last_error,
            "last_error_at": info.last_error_at,
            "refused": row.last_error,
            "refused_at": row.last_error_at,
            "paused_until": row.paused_until,
        }
        return Response(StatusSerializer(state).data)

    def rotate(self, request: Request, **_: Any) -> Response:
        """Give the webhook a new secret. Calls with the one before are taken until ``retire/`` or the next rotation."""
        return self._replace_secret(request, webhook_secrets.rotate)

    def retire(self, request: Request, **_: Any) -> Response:
        """Take no more calls with the secret before a rotation."""
        return self._replace_secret(request, webhook_secrets.retire)

    def _replace_secret(self, request: Request, do: Callable[[IntegrationBot], None]) -> Response:
        refuse_body(request, NO_BODY)
        row = self.get_object()
        try:
            with self._slot():
                do(row)
        except (ConfigurationError, ProviderError) as error:
            return self._refused(error)
        return Response(self.shown(row))

    def _slot(self) -> AbstractContextManager[None]:
        """Return one of the caller's slots: a messenger that is slow must not hold all threads for one author."""
        return author_slot(self.request.user.pk)

    def _refused(self, error: Exception) -> Response:
        """Answer in the words that existing clients know, with the reason beside them."""
        return Response({"error": model_of(self.slug).REFUSED, "reason": str(error)}, status=400)


def _warnings(row: IntegrationBot) -> list[str]:
    """Return warnings about an account that was connected or changed: sentences."""
    missing = missing_secret(row)
    return [f"{missing} missing: no message is taken before it is given."] if missing else []
