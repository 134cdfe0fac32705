"""Authentication by an API token, a row of `permabots.models.ApiToken`."""

from __future__ import annotations

from typing import Any

from django.db import Error
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from permabots import logs
from permabots.database import atomic
from permabots.models import ApiToken
from permabots.security import api_keys

logger = logs.get_logger(__name__)

_KEYWORDS = {"token", "bearer"}


class ApiTokenAuthentication(BaseAuthentication):
    """Takes ``Authorization: Token permabots_…`` and ``Bearer permabots_…``.

    A key without the prefix is left to the next class: that of ``rest_framework.authtoken`` goes on working.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """Return the token's user and the token; None where the call has none.

        Raises:
            AuthenticationFailed: there is no such token, or it is refused; the text says which.
        """
        if (key := _key(request)) is None:
            return None
        if not api_keys.is_well_formed(key):
            raise AuthenticationFailed("This API token is misspelt: its last characters do not fit the others.")
        token = ApiToken.objects.of_key(key)
        if token is None:
            raise AuthenticationFailed("Invalid token.")
        if refusal := token.refusal():
            raise AuthenticationFailed(refusal)
        if not token.user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme for ``WWW-Authenticate``, the one that clients of 2.2.3 know."""
        return "Token"


def _key(request: Request) -> str | None:
    words = get_authorization_header(request).decode("latin-1").split()
    if len(words) != 2 or words[0].lower() not in _KEYWORDS or not words[1].startswith(api_keys.PREFIX):
        return None
    return words[1]


def _note_use(token: ApiToken) -> None:
    if not token.is_use_due():  # no transaction for nothing: on SQLite it would wait for every other writer
        return
    try:
        with atomic():  # a failed statement would break the transaction of a host's request
            token.note_use()
    except Error as error:
        logger.warning("the last use of an API token not written: %s", type(error).__name__)
