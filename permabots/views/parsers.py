"""Reading bodies: JSON and forms, alike in every host project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from permabots import strict_json
from permabots.charsets import character_set
from permabots.values import Json

MAX_DEPTH = 100
"""How deep lists and objects of a body may be nested."""
TOO_DEEP = f"JSON parse error - nested more than {MAX_DEPTH} deep"
_JSON_TYPE = re.compile(r"(application|text)/([\w.!#$&^-]+\+)?json\s*(;|$)", re.IGNORECASE)


def use_known_character_set(request: HttpRequest) -> None:
    """Have the form of a call read as UTF-8 where the character set that it names is none.

    Django decodes a form with any codec of Python: ``undefined`` ends in an error 500, and ``punycode`` takes minutes.
    """
    if request.encoding and not character_set(request.encoding):
        request.encoding = settings.DEFAULT_CHARSET


class StrictJSONParser(JSONParser):
    """JSON as the standard has it: without Python's extensions and numbers that databases refuse, of bounded depth."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Json:
        """Return the body: in UTF-8, UTF-16 or UTF-32, with or without a mark at its beginning.

        Raises:
            ParseError: it is not JSON, holds a number that becomes infinite, or is nested too deep.
        """
        try:
            return _json(_body(stream, parser_context))
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None


class FlatFormParser(FormParser):
    """A form, as existing clients may send it. A field that is not in it is left out, and not false or empty.

    A form whose only name is itself JSON is that JSON: many clients send any body as a form unless they are told
    otherwise, ``curl --data`` for one.
    """

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Json:
        """Return the fields, or the JSON.

        Raises:
            ParseError: it is JSON that cannot be taken, as `StrictJSONParser` says.
        """
        body = _body(stream, parser_context)
        form = QueryDict(body, encoding=(parser_context or {}).get("encoding"))
        names = list(form.items())
        # The raw body first: an `&` or `+` within JSON is not part of a form.
        for text in (body, names[0][0] if len(names) == 1 and not names[0][1] else ""):
            try:
                return _json(text)
            except ValueError:
                continue
        return form.dict()


class FlatMultiPartParser(MultiPartParser):
    """A form in ``multipart/form-data``. Files are refused."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Json:
        """Return the fields.

        Raises:
            ParseError: it cannot be read, or holds a file.
        """
        body = _body(stream, parser_context)
        boundary = parse_header_parameters(media_type or "")[1].get("boundary", "")
        if body.strip() and f"--{boundary}".encode() not in body:
            raise ParseError("Multipart form parse error - its boundary does not stand in the body")
        parsed = super().parse(BytesIO(body), media_type, parser_context)
        if parsed.files:
            raise ParseError(f"Files are not taken here: {', '.join(sorted(parsed.files))}.")
        return parsed.data.dict()


PARSERS: list[type[BaseParser]] = [StrictJSONParser, FlatFormParser, FlatMultiPartParser]


class JSONOnly(DefaultContentNegotiation):
    """Content negotiation: answers are JSON whatever the caller accepts; bodies are of any JSON type (``…+json``)."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        known = list(parsers)
        found: BaseParser | None = super().select_parser(request, known)
        if found is None and _JSON_TYPE.match(request.content_type or ""):
            return next((parser for parser in known if isinstance(parser, StrictJSONParser)), None)
        return found


def _body(stream: IO[Any], parser_context: Any) -> bytes:
    """Return all of a body, within the limit that Django has for it."""
    request = (parser_context or {}).get("request")
    body: bytes = stream.read() if request is None else request.body
    return body


def _json(body: bytes | str) -> Json:
    """Return JSON.

    Raises:
        ValueError: it is none.
        ParseError: it is JSON that cannot be taken.
    """
    text = body if isinstance(body, str) else body.decode(json.detect_encoding(body))
    try:
        value = strict_json.loads(text.removeprefix("\ufeff"))
    except strict_json.NumberTooLarge as error:
        raise ParseError(f"JSON parse error - {error}") from None
    except RecursionError:
        raise ParseError(TOO_DEEP) from None
    if strict_json.deeper_than(value, MAX_DEPTH):
        raise ParseError(TOO_DEEP)
    return value
