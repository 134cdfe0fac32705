"""The secret with which a bot signs the requests to its author's API."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import SigningSecret
from permabots.pipeline.authoring import signing
from permabots.serializers.signing import SigningSecretSerializer
from permabots.views.access.scopes import CONFIGURATION
from permabots.views.api.base import OwnedViewSet
from permabots.views.api.traffic.pages import refuse_body

NO_BODY = "The secret is made here: there is no body."


class SigningViewSet(OwnedViewSet):
    """The secret with which the bot signs its requests."""

    scopes = CONFIGURATION
    serializer_class = SigningSecretSerializer

    def get_object(self) -> SigningSecret:
        """Return the bot's secret.

        Raises:
            NotFound: the bot does not sign.
        """
        row: SigningSecret | None = SigningSecret.objects.filter(bot=self.bot).first()
        if row is None:
            raise NotFound
        return row

    def retrieve(self, request: Request, **_: Any) -> Response:
        """Whether the bot signs, since when, and whether the secret before signs too."""
        return self.answer(self.shown(self.get_object()))

    def create(self, request: Request, **_: Any) -> Response:
        """Make a secret, or replace the one there is, which goes on signing beside the new one.

        The answer shows the secret. No later one does.
        """
        refuse_body(request, NO_BODY)
        row = signing.rotate(self.bot)
        shown = SigningSecretSerializer(row, context={**self.get_serializer_context(), "reveal": True}).data
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})

    def retire(self, request: Request, **_: Any) -> Response:
        """Drop the secret before the current one, once the API knows the current one."""
        refuse_body(request, NO_BODY)
        return Response(self.shown(signing.retire(self.bot)))

    def destroy(self, request: Request, **_: Any) -> Response:
        """Sign no more."""
        self.unchanged()
        signing.stop(self.bot)
        return Response(status=204)
