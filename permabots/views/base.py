"""What every view of the REST API and the notification hooks share: they answer alike in every host project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotFound, ParseError
from rest_framework.metadata import SimpleMetadata
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from permabots.conf import get_config
from permabots.models import Bot
from permabots.models.registry import providers
from permabots.values import storable
from permabots.views.parsers import MAX_DEPTH, JSONOnly, StrictJSONParser

__all__ = ["MAX_DEPTH", "ApiView", "BotView", "NowhereView", "answer_error"]


class BodyRenderer(JSONRenderer):
    """JSON, of whatever a caller sent: an error quotes it, and half a character cannot be written in UTF-8."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the body."""
        try:
            return super().render(data, *args, **kwargs)
        except UnicodeEncodeError:
            return super().render(storable(data), *args, **kwargs)


class TooLarge(APIException):
    """A body is larger than Django takes."""

    status_code = 413

    def __init__(self) -> None:
        super().__init__(f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error as an answer; whatever was not found, in the same words, so that nobody learns what there is."""
    match error:
        case Http404():
            error = NotFound()
        case RequestDataTooBig():
            error = TooLarge()
        case SuspiciousOperation() | BadRequest():  # Django would answer with a page
            error = ParseError(str(error))
    return exception_handler(error, context)


class ApiView(APIView):
    """A view for known users, in JSON only.

    Who they are is said by ``PERMABOTS["API_AUTHENTICATION_CLASSES"]``. What a host project sets for its own API
    (renderers, parsers, throttles, versions, its own form of errors) has no say here.
    """

    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSONParser]
    renderer_classes = [BodyRenderer]
    throttle_classes: list[Any] = []
    content_negotiation_class = JSONOnly
    metadata_class = SimpleMetadata
    versioning_class = None
    schema: Any = None
    """A host's schema of its own API leaves this one out: it has one of its own, ``schema/`` below its address."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer in English, whatever the host's language or the caller's: programs compare what errors say."""
        with translation.override("en"):
            return super().dispatch(request, *args, **kwargs)

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(path)() for path in get_config().api_authentication_classes]

    def get_exception_handler(self) -> Callable[..., Any]:
        return answer_error


class NowhereView(ApiView):
    """An address that is none, below those that are: answered as what does not exist, in JSON."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


class BotView(ApiView):
    """A view under ``bots/<uuid:bot_id>/``."""

    def owned_bot(self) -> Bot:
        """Return the bot that the URL names, with its integrations.

        Raises:
            Http404: there is none, or it is somebody else's: nobody learns which.
        """
        bot_id: UUID = self.kwargs["bot_id"]
        bots = Bot.objects.select_related(*(f"{slug}_bot" for slug in providers()))
        return get_object_or_404(bots, pk=bot_id, owner=self.request.user.pk)
