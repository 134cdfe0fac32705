"""What every view of the REST API and the notification hooks share: they answer alike in every host project."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import IO, Any
from uuid import UUID

from django.http import Http404
from django.utils import translation
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.metadata import SimpleMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from permabots.conf import get_config
from permabots.messages import Json, storable
from permabots.models import Bot
from permabots.models.registry import providers

MAX_DEPTH = 100
"""How deep lists and objects of a body may be nested."""
TOO_DEEP = f"JSON parse error - nested more than {MAX_DEPTH} deep"


class BodyParser(JSONParser):
    """JSON, and nothing that Python takes beyond it, databases refuse or recursion breaks on."""

    strict = True

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Json:
        """Return the body.

        Raises:
            ParseError: it is not JSON, holds a number that becomes infinite, or is nested too deep.
        """
        try:
            value = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        _check(value)
        return value


def _check(value: Json) -> None:
    """Look at a value level by level: without recursion, which is what a deep one breaks."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(item, float) and math.isinf(item) for item in level):
            raise ParseError("JSON parse error - a number is too large")
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise ParseError(TOO_DEEP)


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


class BodyRenderer(JSONRenderer):
    """JSON, of whatever a caller sent: an error quotes it, and half a character cannot be written in UTF-8."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Return the body."""
        try:
            return super().render(data, *args, **kwargs)
        except UnicodeEncodeError:
            return super().render(storable(data), *args, **kwargs)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error as an answer; whatever was not found, in the same words, so that nobody learns what there is."""
    return exception_handler(NotFound() if isinstance(error, Http404) else error, context)


class FlatFormParser(FormParser):
    """A form, as existing clients may send it. A field that is not in it is left out, and not false or empty."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Json:
        return super().parse(stream, media_type, parser_context).dict()


class AlwaysJson(DefaultContentNegotiation):
    """Answers in JSON whatever is asked for: there is nothing else."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ApiView(APIView):
    """A view for known users, in JSON only.

    Who they are is said by ``PERMABOTS["API_AUTHENTICATION_CLASSES"]``. What a host project sets for its own API
    (renderers, parsers, throttles, versions, its own form of errors) has no say here.
    """

    permission_classes = [IsAuthenticated]
    parser_classes = [BodyParser]
    renderer_classes = [BodyRenderer]
    throttle_classes: list[Any] = []
    content_negotiation_class = AlwaysJson
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


class BotView(ApiView):
    """A view under ``bots/<uuid:bot_id>/``."""

    def owned_bot(self) -> Bot:
        """Return the bot that the URL names, with its integrations.

        Raises:
            NotFound: there is none, or it is somebody else's: nobody learns which.
        """
        bot_id: UUID = self.kwargs["bot_id"]
        bots = Bot.objects.select_related(*(f"{slug}_bot" for slug in providers()))
        bot = bots.filter(pk=bot_id, owner=self.request.user.pk).first()
        if bot is None:
            raise NotFound
        return bot
