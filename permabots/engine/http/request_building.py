"""Building the request that is sent from a prepared call, and the request that follows a redirect."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from permabots import __version__
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.signatures import HEADER as SIGNATURE
from permabots.engine.http.signatures import Signer
from permabots.exceptions import RequestFailed

_DEFAULT_HEADERS = {"User-Agent": f"permabots/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that say where a message ends. A wrong one would corrupt the next call on the same connection."""
_VISIBLE = "!\"#$&'()*+,/:;<=>?@[]^`{|}"
"""Characters of an idempotency key besides letters, digits and ``-._~``; all others are percent-encoded."""
_PORTS = {"http": 80, "https": 443}


def first_request(prepared: PreparedCall, idempotency_key: str) -> requests.PreparedRequest:
    """Return the request of a prepared call.

    Args:
        prepared: the call.
        idempotency_key: the value of ``Idempotency-Key``, where the author sets none.

    Raises:
        RequestFailed: the address or a header cannot be sent.
    """
    check_address(prepared.address)
    headers: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict(_DEFAULT_HEADERS)
    headers["Idempotency-Key"] = quote(idempotency_key, _VISIBLE, errors="replace")
    for name, value in prepared.headers.items():
        headers[name] = _header_value(name, value)
    request = requests.PreparedRequest()
    try:
        request.prepare(prepared.method, prepared.address, headers, data=prepared.body)
    except ValueError:  # its text holds the address, so it is not passed on
        raise RequestFailed("the address cannot be read") from None
    if prepared.signer is not None:
        prepared.signer.sign(request)
    return request


def redirected(
    request: requests.PreparedRequest, response: requests.Response, signer: Signer | None = None
) -> requests.PreparedRequest:
    """Return the request that follows a redirect: its method changes as browsers change it.

    A request to another origin carries nothing of the author's: no header, no idempotency key, no signature, no body. A
    redirect of a request with a body to another origin is not followed. A signed request stays signed within its
    origin, for its new address.

    Args:
        request: the request that was redirected.
        response: the redirect.
        signer: what signed the request, None where nothing did.

    Raises:
        RequestFailed: the redirect's address cannot be called, or is of another origin and the request has a body.
    """
    location = response.headers["location"].encode("latin-1").decode("utf-8", "replace")
    if not location.strip():
        raise RequestFailed("a redirect does not say where it leads: its Location is empty")
    following = request.copy()
    requests.sessions.SessionRedirectMixin().rebuild_method(following, response)
    if following.method != request.method:
        _forget_body(following)
    try:
        following.prepare_url(urljoin(str(request.url), location), None)
        check_address(str(following.url))
        if not _same_origin(str(request.url), str(following.url)):
            _leave_behind(following)
        following.prepare_auth(None)
    except ValueError:
        raise RequestFailed("a redirect leads to an address that cannot be read") from None
    if signer is not None and SIGNATURE in following.headers:
        signer.sign(following)
    return following


def _forget_body(request: requests.PreparedRequest) -> None:
    request.body = None
    for name in ("content-length", "content-type"):
        request.headers.pop(name, None)


def _leave_behind(request: requests.PreparedRequest) -> None:
    if request.body:
        raise RequestFailed("a redirect leads to another server, and data is not sent on to one")
    request.headers = CaseInsensitiveDict(_DEFAULT_HEADERS)
    request.prepare_content_length(None)


def check_address(url: str) -> None:
    """Check that a request can be sent to an address.

    Args:
        url: the address.

    Raises:
        RequestFailed: it cannot; the text says why, without the address.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise RequestFailed("the address cannot be read") from None
    # `parts` will not do: `urlsplit` leaves control characters out, and `requests` then sends the address as it is.
    if not url.lower().startswith(("http://", "https://")):
        raise RequestFailed("the address does not begin with http:// or https://")
    if not host:
        raise RequestFailed("the address has no host")


def _same_origin(old: str, new: str) -> bool:
    """Whether two addresses have one origin. A redirect from http on port 80 to https on port 443 counts as one."""
    before, after = urlsplit(old), urlsplit(new)
    ports = before.port or _PORTS[before.scheme], after.port or _PORTS[after.scheme]
    secured = (before.scheme, after.scheme) == ("http", "https") and ports == (80, 443)
    return before.hostname == after.hostname and (secured or (before.scheme == after.scheme and ports[0] == ports[1]))


def check_header(name: str, value: str) -> None:
    """Check that a header can be sent.

    Args:
        name: the header's name.
        value: the header's value.

    Raises:
        RequestFailed: it cannot; the text says why, without the value.
    """
    if not _HEADER_NAME.fullmatch(name):
        raise RequestFailed(f"{name!r} cannot be the name of a header")
    if name.lower() in _FRAMING:
        raise RequestFailed(f"the header {name} is set by the connection itself")
    if _CONTROL.search(value):
        raise RequestFailed(f"the header {name} would hold a line break or another control character")


def _header_value(name: str, value: str) -> bytes:
    check_header(name, value)
    return value.strip(" \t").encode(errors="replace")
