"""HTTP/1.1 as far as the stand-in servers need it: one request off a stream, one answer onto it.

The standard library's `http.server` spends most of its time on parsing headers as e-mail; a stand-in is part of what
a benchmark measures, so it reads them itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedReader
from time import monotonic, time
from urllib.parse import parse_qsl, unquote

from permabots.values import Json

MAX_LINE = 65_536
"""Bytes of the longest request line or header line taken."""


class MalformedRequest(Exception):
    """What came over the connection is not an HTTP request that a stand-in understands."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, as it came.

    Args:
        method: in capitals.
        target: path and query as sent; kept out of `repr`, since a provider's token may stand in it.
        headers: names in lower case; of a repeated header the last one.
        body: the raw bytes.
        monotonic: when it was read completely, by `time.monotonic` (on Linux one clock for all processes).
        time: the same moment in seconds since 1970.
    """

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    monotonic: float = field(default_factory=monotonic)
    time: float = field(default_factory=time)

    @property
    def path(self) -> str:
        """The path without the query, percent-decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> list[tuple[str, str]]:
        """Names and values of the query, decoded, in order, blank values kept."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    @property
    def text(self) -> str:
        """The body as UTF-8 text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Json:
        """Return the body's JSON value.

        Raises:
            ValueError: the body is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a stand-in answers.

    Args:
        status: the HTTP status.
        body: the raw bytes.
        headers: besides ``Content-Length`` and ``Connection``, which are added.
        delay: seconds to wait before the answer leaves.
        cut: close the connection instead of answering (after `delay`).
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False


def json_reply(
    value: Json, status: int = 200, headers: Mapping[str, str] | None = None, *, delay: float = 0.0, cut: bool = False
) -> Reply:
    """Return the reply whose body is ``value`` as JSON; the other arguments are those of `Reply`."""
    content = {"Content-Type": "application/json", **(headers or {})}
    return Reply(status, json.dumps(value).encode(), content, delay, cut)


def read_request(stream: BufferedReader, acknowledge: Callable[[bytes], object]) -> Request | None:
    """Read the next request.

    Args:
        stream: the connection, buffered.
        acknowledge: sends bytes to the client; for clients that ask whether they may send the body.

    Returns:
        The request, or None where the client closed the connection.

    Raises:
        MalformedRequest: it is not HTTP, or its body has no stated length.
        OSError: the connection broke.
    """
    line = stream.readline(MAX_LINE)
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedRequest("not an HTTP/1 request line")
    headers = _read_headers(stream)
    if parts[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    if headers.get("expect", "").lower() == "100-continue":
        acknowledge(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(parts[0].upper(), parts[1], headers, _read_body(stream, headers))


def _read_headers(stream: BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := stream.readline(MAX_LINE)) not in (b"\r\n", b"\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise MalformedRequest("a header line without a colon")
        headers[name.strip().lower()] = value.strip()
    return headers


def _read_body(stream: BufferedReader, headers: Mapping[str, str]) -> bytes:
    if "transfer-encoding" in headers:
        raise MalformedRequest("a body without Content-Length")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise MalformedRequest("Content-Length is not a number")
    body = stream.read(int(length))
    if len(body) < int(length):
        raise MalformedRequest("the body ended early")
    return body


def encode(reply: Reply, *, keep: bool, head_only: bool = False) -> bytes:
    """Return a reply as the bytes of one write.

    Args:
        reply: what to answer.
        keep: whether the connection stays open.
        head_only: leave the body out (the answer to HEAD).
    """
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if reply.status not in (204, 304):
        lines.append(f"Content-Length: {len(reply.body)}")
    if not keep:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head if head_only or reply.status in (204, 304) else head + reply.body
