"""Base classes of the REST API and the notification hooks, which answer alike in every host project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotFound, ParseError, Throttled
from rest_framework.metadata import SimpleMetadata
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView, exception_handler

from permabots import logs, origin
from permabots.conf import get_config
from permabots.exceptions import Busy, SecretUnreadable, TooManyAtOnce
from permabots.models import Bot
from permabots.models.api_token import Scope
from permabots.models.registry import providers
from permabots.origin import Origin, Source
from permabots.page_headers import protect_data
from permabots.values import storable
from permabots.views.access.entrance import enter, leave_out
from permabots.views.access.scopes import READING, HasScope, bots_of_caller
from permabots.views.access.throttles import ByAddress, ByBot, ByToken, ByUser, Limit, refuse
from permabots.views.parsers import MAX_DEPTH, JSONOnly, StrictJSONParser, use_known_character_set

__all__ = ["MAX_DEPTH", "ApiView", "BotView", "NowhereView", "answer_error"]


logger = logs.get_logger(__name__)


class BodyRenderer(JSONRenderer):
    """JSON that never fails to encode: an error may quote a caller's lone surrogate, which UTF-8 cannot write."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the body."""
        try:
            return super().render(data, *args, **kwargs)
        except UnicodeEncodeError:
            return super().render(storable(data), *args, **kwargs)


class Unreadable(APIException):
    """A stored secret that is needed cannot be decrypted."""

    status_code = 503


class DatabaseBusy(APIException):
    """The database did not do what a call needs."""

    status_code = 503
    default_detail = "The database is busy or away. Nothing was changed: try again."
    wait = 5


class TooLarge(APIException):
    """A body is larger than Django takes."""

    status_code = 413

    def __init__(self) -> None:
        super().__init__(f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error as an answer. All 404s have the same text, so that nobody learns which rows exist."""
    match error:
        case Http404():
            error = NotFound()
        case SecretUnreadable():
            logger.error("a call of the REST API or a hook is answered 503: %s", error)
            error = Unreadable(f"{error}.")
        case TooManyAtOnce() | Busy():
            error = Throttled(error.seconds, str(error))
        case OperationalError() | InterfaceError():  # a lock that somebody holds for long, a server that is away
            logger.error("a call of the REST API or a hook is answered 503: %s", type(error).__name__, exc_info=error)
            error = DatabaseBusy()
        case RequestDataTooBig():
            error = TooLarge()
        case SuspiciousOperation() | BadRequest():  # Django itself would answer with HTML
            error = ParseError(str(error))
    return exception_handler(error, context)


class ApiView(APIView):
    """A view for authenticated users, in JSON only.

    Users authenticate by ``PERMABOTS["API_AUTHENTICATION_CLASSES"]``. The host project's settings for its own API
    (renderers, parsers, versions, form of errors) have no effect here; its default throttles count beside ours.

    Attributes:
        scopes: the scope that an API token needs for each HTTP method; a method without one takes no API token.
        entrance_classes: the limits that count before it is looked up who calls.
        throttle_classes: the limits that count then.
    """

    scopes: ClassVar[Mapping[str, Scope]] = {}
    permission_classes = [IsAuthenticated, HasScope]
    parser_classes = [StrictJSONParser]
    renderer_classes = [BodyRenderer]
    entrance_classes: ClassVar[list[type[Limit]]] = [ByAddress]
    throttle_classes: list[Any] = [ByUser, ByToken, ByBot]
    content_negotiation_class = JSONOnly
    metadata_class = SimpleMetadata
    versioning_class = None
    schema: Any = None
    """None keeps the view out of the host's own schema; the schema of permabots is at ``schema/`` below its address."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer in English, whatever the host's language or the caller's: programs compare what errors say."""
        use_known_character_set(request)
        with translation.override("en"), origin.acting(self._origin):
            return super().dispatch(request, *args, **kwargs)

    def _origin(self) -> Origin:
        """Return who calls, for the events of what is changed."""
        user, shown = self.request.user, self.request.auth
        # The key of a token of Django REST framework is the token itself: only a number or UUID names one.
        key = getattr(shown, "pk", None)
        named = f" {key}" if isinstance(key, int | UUID) else ""
        credential = "" if shown is None else f"{type(shown).__name__.lower()}{named}"
        return Origin(Source.API, str(user.pk or ""), user.get_username(), credential)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        return self.protect(super().finalize_response(request, response, *args, **kwargs))

    def protect(self, response: Any) -> Any:
        """Return an answer with the headers that tell browsers what it may do."""
        return protect_data(response)

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(path)() for path in get_config().api_authentication_classes]

    def get_throttles(self) -> list[BaseThrottle]:
        return [kind() for kind in (*self.throttle_classes, *api_settings.DEFAULT_THROTTLE_CLASSES)]

    def perform_authentication(self, request: Request) -> None:
        enter(request, self, lambda: super(ApiView, self).perform_authentication(request))

    def check_throttles(self, request: Request) -> None:
        """Refuse a call that is over a limit.

        Raises:
            Throttled: its text names the limit.
        """
        for throttle in self.get_throttles():
            if not throttle.allow_request(request, self):
                leave_out(request, throttle)
                raise refuse(throttle)

    def get_exception_handler(self) -> Callable[..., Any]:
        return answer_error


class NowhereView(ApiView):
    """An address without a view, below those of the API: 404 in JSON."""

    scopes = READING

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


class BotView(ApiView):
    """A view under ``bots/<uuid:bot_id>/``."""

    def owned_bot(self) -> Bot:
        """Return the bot that the URL names, with its integrations.

        Raises:
            Http404: there is none, it belongs to another user, or the API token is not for it; the answer is the same.
        """
        bot_id: UUID = self.kwargs["bot_id"]
        bots = bots_of_caller(self.request).select_related(*(f"{slug}_bot" for slug in providers()))
        return get_object_or_404(bots, pk=bot_id)
