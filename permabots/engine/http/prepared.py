"""Rendering a request's templates to a call that can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from permabots.engine.definitions import RequestDefinition
from permabots.engine.forms import encode_form
from permabots.engine.http.signatures import Signer
from permabots.engine.templates import Budget, render_data, render_parameter, render_url
from permabots.exceptions import DefinitionError, PermabotsError
from permabots.values import Json

FORM = "application/x-www-form-urlencoded"

_WITH_BODY = frozenset({"Post", "Put", "Patch"})


class TurnError(PermabotsError):
    """A template of the author failed in a turn.

    Args:
        where: the template: ``text``, ``keyboard``, ``url``, ``data``, ``parameter <key>`` or ``header <key>``.
        cause: the error, with the line in the template.
    """

    def __init__(self, where: str, cause: DefinitionError) -> None:
        super().__init__(f"{where}: {cause}")
        self.where = where
        self.cause = cause


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """One call to a user API. `repr` shows only the method: the other values may hold secrets.

    Args:
        method: the HTTP method, in upper case.
        url: the address, without `params`.
        params: names and values that are added to its query, not yet encoded.
        headers: the author's headers, and the content type of the body where it is known.
        body: the bytes to send, None for no body.
        signer: signs what is sent, None for no signature.
    """

    method: str
    url: str = field(repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    signer: Signer | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """The whole address, with the query parameters and without a fragment."""
        url = self.url.partition("#")[0]
        if not self.params:
            return url
        return url + ("&" if "?" in url else "?") + urlencode(self.params, errors="replace")


def prepare(
    request: RequestDefinition, context: Mapping[str, Json], budget: Budget, signer: Signer | None = None
) -> PreparedCall:
    """Render a request.

    Args:
        request: the request's configuration.
        context: the context of its templates.
        budget: the limits of rendering.
        signer: signs the call, None for no signature.

    Raises:
        TurnError: a template failed, or the data cannot be encoded.
    """
    with at("url"):
        url = render_url(request.url_template, context, budget)
    params = []
    for parameter in request.url_parameters:
        with at(f"parameter {parameter.key}"):
            params.append((parameter.key, render_parameter(parameter.value_template, context, budget)))
    headers = {}
    for parameter in request.header_parameters:
        with at(f"header {parameter.key}"):
            headers[parameter.key] = render_parameter(parameter.value_template, context, budget)
    body = None
    if request.method in _WITH_BODY and request.data is not None:
        with at("data"):
            body = _body(render_data(request.data, context, budget), headers)
    return PreparedCall(request.method.upper(), url, tuple(params), headers, body, signer)


@contextmanager
def at(where: str) -> Iterator[None]:
    """Name the template that is rendered in this block.

    Args:
        where: as `TurnError` takes it.

    Raises:
        TurnError: in place of any `DefinitionError`.
    """
    try:
        yield
    except DefinitionError as error:
        raise TurnError(where, error) from error


def _body(data: Json, headers: dict[str, str]) -> bytes | None:
    """Return the bytes of rendered data; for JSON, set the content type in `headers` where the author set none."""
    if data is None:
        return None
    if isinstance(data, str):
        return data.encode(errors="replace")
    types = [value for name, value in headers.items() if name.lower() == "content-type"]
    if any(value.partition(";")[0].strip().lower() == FORM for value in types):
        return encode_form(data)
    if not types:
        headers["Content-Type"] = "application/json"
    try:
        return json.dumps(data, allow_nan=False).encode()
    except (RecursionError, ValueError):
        raise DefinitionError("it holds a number that JSON does not know, or is nested too deep") from None
