"""Bodies of the REST API, as its parsers read them: refused with 400, or JSON that can be stored."""

from __future__ import annotations

from io import BytesIO

from django.core.exceptions import SuspiciousOperation
from rest_framework.exceptions import ParseError

from permabots.strict_json import deeper_than
from permabots.values import storable
from permabots.views.parsers import MAX_DEPTH, FlatFormParser, FlatMultiPartParser, StrictJSONParser
from tests.fuzz.oracles import check_storable, outcome_of
from tests.fuzz.targets.target import Target

_TYPES = (
    (StrictJSONParser(), "application/json"),
    (FlatFormParser(), "application/x-www-form-urlencoded"),
    (FlatMultiPartParser(), "multipart/form-data; boundary=x"),
)


def _run(data: bytes) -> str:
    found = []
    for parser, media_type in _TYPES:
        context = {"encoding": "utf-8", "request": _Request(data)}
        try:
            value = parser.parse(BytesIO(data), media_type, context)
        except (ParseError, SuspiciousOperation) as error:  # the views answer 400 to both
            assert str(error), "an error without words"
            found.append(outcome_of(error))
            continue
        assert not deeper_than(value, MAX_DEPTH), "nested too deep"
        check_storable(storable(value), "the body")
        found.append(type(value).__name__)
    return " ".join(found)


class _Request:
    """What the parsers use of a request."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.META = {"CONTENT_TYPE": _TYPES[2][1], "CONTENT_LENGTH": str(len(body))}
        self.upload_handlers: list[object] = []


def _seeds() -> tuple[bytes, ...]:
    return (
        b'{"name": "shop", "pattern": "^/start", "response": {"text_template": "hi {{ pattern.x }}"}, "priority": 5}',
        b"name=shop&token=1%3Aabc&enabled=true",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
        '{"a": "é"}'.encode("utf-16"),
        b"\xef\xbb\xbf[1, 2.5, null]",
    )


_WORDS = (
    b"--x",
    b"--",
    b"\r\n",
    b"filename=",
    b"; charset=utf-7",
    b"%00",
    b"&",
    b"=",
    b"+",
    b"NaN",
    b"\xff\xfe",
    b"_charset_=x",
)
TARGETS = (Target("rest-body", _run, _seeds, _WORDS),)
