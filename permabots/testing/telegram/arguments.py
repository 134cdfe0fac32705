"""The arguments of a Bot API call, however they were sent: query, JSON, form or multipart."""

from __future__ import annotations

import json
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qsl

from permabots.testing.http11 import Request
from permabots.testing.telegram.errors import bad_request
from permabots.values import Json


class Arguments(dict[str, Json]):
    """Arguments by name. A form sends numbers, truth values and objects as text: the methods read either."""

    def string(self, name: str) -> str:
        """Return a text, "" where it was not given."""
        value = self.get(name)
        if value is None or isinstance(value, bool | list | dict):
            return ""
        text = str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise bad_request("strings must be encoded in UTF-8")
        return text

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number, the default where none was given or it is none."""
        value = self.get(name)
        if isinstance(value, bool | float | list | dict) or value is None:
            return default
        digits = str(value).strip()
        return int(digits) if digits.removeprefix("-").isdecimal() else default

    def boolean(self, name: str) -> bool:
        """Return a truth value, false where it was not given."""
        return str(self.get(name, "")).strip().lower() in ("true", "1", "yes", "t", "y")

    def structure(self, name: str, refusal: str) -> Json:
        """Return an object or a list, given as such or as JSON text; None where it was not given.

        Raises:
            Refusal: the text is not JSON; with the description ``refusal``.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(refusal) from error


def read_arguments(request: Request) -> Arguments:
    """Return the arguments of a call; those of the body win over those of the query.

    Raises:
        Refusal: the body is said to be JSON and is no JSON object.
    """
    arguments = Arguments(request.query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" and request.body:
        arguments.update(_json_object(request))
    elif kind == "multipart/form-data":
        arguments.update(_multipart(request))
    elif kind == "application/x-www-form-urlencoded":
        arguments.update(parse_qsl(request.text, keep_blank_values=True))
    return arguments


def _json_object(request: Request) -> dict[str, Json]:
    try:
        value = request.json()
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("expected an Object")
    return value


def _multipart(request: Request) -> dict[str, str]:
    """Return the fields of a multipart body; a file counts as its name."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + request.body)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = part.get_filename() or content.decode("utf-8", "replace")
    return fields
