"""What an API token may do at which address. An address that declares nothing is closed to API tokens.

A user who is logged in, or calls with a token of ``rest_framework.authtoken``, may do all that is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from permabots.models import ApiToken, Bot
from permabots.models.api_token import Scope

_SEEING = dict.fromkeys(("GET", "HEAD", "OPTIONS"), Scope.READ)
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")

READING: Mapping[str, Scope] = {**_SEEING, **dict.fromkeys(_CHANGING, Scope.READ)}
"""For an address that changes nothing, whatever the HTTP method."""
CONFIGURATION: Mapping[str, Scope] = {**_SEEING, **dict.fromkeys(_CHANGING, Scope.WRITE)}
SENDING: Mapping[str, Scope] = {**_SEEING, **dict.fromkeys(_CHANGING, Scope.SEND)}
MANAGING_TOKENS: Mapping[str, Scope] = dict.fromkeys((*_SEEING, *_CHANGING), Scope.TOKENS)


class HasScope(BasePermission):
    """Whether the caller's token has the scope that the view declares for the HTTP method, as ``scopes``."""

    message = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        token: Any = request.auth
        if not isinstance(token, ApiToken):
            return True
        wanted = view.scopes.get(request.method)
        self.message = (
            f"This API token lacks the scope {wanted.value!r}." if wanted else "API tokens are not taken here."
        )
        return wanted is not None and wanted.value in token.scopes


def names_bots(request: Request) -> bool:
    """Return whether the caller's token is for chosen bots only."""
    token: Any = request.auth
    return isinstance(token, ApiToken) and not token.all_bots


def bots_of_caller(request: Request) -> QuerySet[Bot]:
    """Return the bots that exist for a caller: the user's, of which a token may be for some only."""
    bots: QuerySet[Bot] = Bot.objects.filter(owner=request.user.pk)
    return bots.filter(api_tokens=request.auth) if names_bots(request) else bots  # type: ignore[misc] # an ApiToken then
