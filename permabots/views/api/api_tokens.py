"""The caller's API tokens."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from permabots.models import ApiToken
from permabots.pipeline.authoring import api_tokens
from permabots.serializers.api_token import ApiTokenSerializer, NewApiTokenSerializer, RotationSerializer
from permabots.views.access.scopes import MANAGING_TOKENS
from permabots.views.api.base import RowViewSet

TOKENS: dict[str, Any] = {"get": "retrieve", "delete": "destroy"}
"""Actions on one token: its rights cannot be changed."""


class ApiTokenViewSet(RowViewSet):
    """The caller's API tokens, revoked and expired ones too."""

    scopes = MANAGING_TOKENS

    def find_bot(self) -> None:
        """Do nothing: tokens belong to users."""

    def read_serializer(self) -> type[Serializer]:
        return NewApiTokenSerializer if self.action in {"create", "rotate"} else ApiTokenSerializer

    def get_serializer_class(self) -> type[Serializer]:
        return RotationSerializer if self.action == "rotate" else self.read_serializer()

    def get_queryset(self) -> QuerySet[ApiToken]:
        rows: QuerySet[ApiToken] = ApiToken.objects.filter(user=self.request.user.pk)
        return rows.prefetch_related("bots")

    def create(self, request: Request, **_: Any) -> Response:
        """Make a token. The answer has its ``key``, which nobody can read again."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row, key = api_tokens.create(request.user, serializer.validated_data)
        return self._with_key(row, key, status=201)

    def rotate(self, request: Request, **_: Any) -> Response:
        """Give a token a new ``key``; the one that it had goes on working for ``grace_seconds``."""
        row = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._with_key(row, api_tokens.rotate(row, serializer.validated_data["grace_seconds"]))

    def destroy(self, request: Request, **_: Any) -> Response:
        """Revoke a token. It stays in the list; it is refused from the next call on."""
        api_tokens.revoke(self.unchanged())
        return Response(status=204)

    def _with_key(self, row: Any, key: str, status: int = 200) -> Response:
        row.key = key
        answer = Response(self.shown(row), status)
        answer.headers["Cache-Control"] = "no-store"
        return answer
