"""From a request's templates to a call that is ready to be made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from permabots.engine.definitions import RequestDefinition
from permabots.engine.forms import encode_form
from permabots.engine.templates import Budget, render_data, render_parameter, render_url
from permabots.exceptions import DefinitionError, PermabotsError
from permabots.values import Json

FORM = "application/x-www-form-urlencoded"

_WITH_BODY = frozenset({"Post", "Put", "Patch"})


class TurnError(PermabotsError):
    """Something the author wrote failed while a turn ran.

    Args:
        where: ``text``, ``keyboard``, ``url``, ``data``, ``parameter <key>`` or ``header <key>``.
        cause: what is wrong, and in which line.
    """

    def __init__(self, where: str, cause: DefinitionError) -> None:
        super().__init__(f"{where}: {cause}")
        self.where = where
        self.cause = cause


@dataclass(frozen=True, slots=True)
class PreparedCall:
    """One call to the user's API. Nothing of what its author filled in is shown by `repr`: it may be a secret.

    Args:
        method: in capitals.
        url: the address, without the query parameters that follow.
        params: names and values added to its query, not yet encoded.
        headers: what the author asked for, and the type of the body where that is known.
        body: the bytes to send, None for no body.
    """

    method: str
    url: str = field(repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """The whole address, with the query parameters and without a fragment."""
        url = self.url.partition("#")[0]
        if not self.params:
            return url
        return url + ("&" if "?" in url else "?") + urlencode(self.params, errors="replace")


def prepare(request: RequestDefinition, context: Mapping[str, Json], budget: Budget) -> PreparedCall:
    """Render a request.

    Args:
        request: what the author configured.
        context: what its templates see.
        budget: what rendering may cost.

    Raises:
        TurnError: a template failed, or data cannot be sent as it should be.
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
    return PreparedCall(request.method.upper(), url, tuple(params), headers, body)


@contextmanager
def at(where: str) -> Iterator[None]:
    """Say where the author's text failed that is used inside.

    Raises:
        TurnError: in place of any `DefinitionError`.
    """
    try:
        yield
    except DefinitionError as error:
        raise TurnError(where, error) from error


def _body(data: Json, headers: dict[str, str]) -> bytes | None:
    """Return the bytes of rendered data, and note in the headers that they are JSON where they are."""
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
