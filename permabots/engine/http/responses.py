"""Responses of user APIs, as templates see them."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
import zlib
from dataclasses import dataclass, field
from email.message import Message

import requests

from permabots import strict_json
from permabots.charsets import character_set
from permabots.engine.templates.json_values import MAX_DEPTH
from permabots.exceptions import RequestFailed
from permabots.values import Json, storable

_PIECE = 65_536
_GATEWAY = frozenset({502, 503, 504})
"""Statuses of a gateway whose API does not answer: bad gateway, unavailable, gateway timeout."""
_SAY_NOTHING = frozenset({"ascii", "iso8859-1", "utf-8"})
"""Character sets that servers name by default, though the body is in cp1252, which has all characters of Latin-1."""
_WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ConnectionRefusedError, "the connection was refused"),
    ((ConnectionError, http.client.IncompleteRead), "the connection was closed before the answer was complete"),
    (http.client.HTTPException, "the answer is not HTTP"),
    ((zlib.error, gzip.BadGzipFile), "the answer is not compressed as its Content-Encoding says"),
)
"""Sentences for the errors at the bottom of a chain; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The response of a user API, or the reason why there is none.

    Args:
        status: the HTTP status, 0 for no response.
        data: the JSON of the body, {} where the body is not JSON.
        error: why there is no response, or none that can be used, in plain words and without secrets; else "".
        text: a body that is not JSON, for the trace.
        ms: the duration of the call in milliseconds.
        no_response: whether the API was called and did not respond: refused, too slow, broken off, no such host.
    """

    status: int
    data: Json = field(default_factory=dict, repr=False)
    error: str = ""
    text: str = field(default="", repr=False)
    ms: float = 0.0
    no_response: bool = False

    @property
    def unavailable(self) -> bool:
        """Whether the API did not respond, itself or behind a gateway. The request is then not the cause."""
        return self.no_response or self.status in _GATEWAY

    @property
    def succeeded(self) -> bool:
        """Whether the status is a success: 2xx."""
        return 200 <= self.status < 300

    def for_context(self) -> dict[str, Json]:
        """Return the part of the response that a state's context stores."""
        return {"status": self.status, "data": self.data}

    def for_templates(self) -> dict[str, Json]:
        """Return ``response`` as templates see it; it has ``error`` only if there is an error."""
        return self.for_context() | ({"error": self.error} if self.error else {})


def read(response: requests.Response, max_bytes: int) -> bytes:
    """Read a whole body, decompressed.

    Args:
        response: a response opened with ``stream=True``.
        max_bytes: the longest body that is accepted.

    Raises:
        RequestFailed: the body is longer.
        requests.RequestException: the connection broke, or the call's time was over.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > max_bytes:
            raise RequestFailed(f"the answer is larger than {max_bytes} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def parse_response(status: int, body: bytes, content_type: str = "") -> ApiResponse:
    """Return a response with the JSON of its body.

    Args:
        status: the HTTP status.
        body: all bytes, decompressed.
        content_type: the Content-Type header, "" for none. Only its character set is used, and only where the body is
            not UTF-8.
    """
    if not body.strip():
        return ApiResponse(status)
    text = _decoded(body, content_type)
    try:
        data = strict_json.loads(text)
        if strict_json.deeper_than(data, MAX_DEPTH):
            return ApiResponse(status, error=f"the answer's JSON is nested more than {MAX_DEPTH} deep")
    except (ValueError, RecursionError):
        return ApiResponse(status, error="the answer is not JSON", text=text)
    return ApiResponse(status, storable(data))


def failure(error: BaseException, late: RequestFailed) -> str:
    """Return in plain words why a call failed: the system's own words, which hold no address.

    Args:
        error: the error that `requests` raised; the first error of its chain counts.
        late: the error whose text is returned for a time-out.
    """
    root = error
    while (deeper := root.__cause__ or root.__context__) is not None:
        root = deeper
    if isinstance(root, TimeoutError):
        return str(late)
    sentence = next((words for kinds, words in _WORDS if isinstance(root, kinds)), None)
    return sentence or _own_words(root) or "no usable answer"


def _own_words(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate is not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"no secure connection: {error.reason}"
        case OSError(strerror=str(words)):
            return f"no connection: {words}"
    return ""


def _decoded(body: bytes, content_type: str) -> str:
    """Return a body as text: as UTF-8 where it is valid, else in the character set of the header, else as cp1252."""
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        pass
    if named := _named_encoding(content_type):
        return body.decode(named, "replace")
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _named_encoding(content_type: str) -> str:
    """Return the character set that a header names, "" where the header names none that can be trusted."""
    header = Message()
    header["Content-Type"] = content_type
    name = character_set(str(header.get_param("charset")))
    return "" if name in _SAY_NOTHING else name
