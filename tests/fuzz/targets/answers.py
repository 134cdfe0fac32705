"""Answers of other people's servers: of authors' APIs and of providers, and where a redirect leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import requests

from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.request_building import first_request, redirected
from permabots.engine.http.responses import parse_response
from permabots.engine.redaction import HIDDEN, Redactor
from permabots.engine.templates.json_values import MAX_DEPTH
from permabots.engine.truncation import summarized
from permabots.exceptions import ProviderError, RequestFailed
from permabots.providers.base.http import HttpAnswer
from permabots.providers.kik import errors as kik
from permabots.providers.messenger import errors as messenger
from permabots.providers.telegram import errors as telegram
from permabots.strict_json import deeper_than
from tests.fuzz.oracles import check_storable, outcome_of
from tests.fuzz.targets.target import Target
from tests.providers import fixtures

_SECRET = "a-secret-of-the-author"
_DIGITS = 3
_LARGEST_BODY = 1_000_000
_REFUSALS: Mapping[str, Callable[[HttpAnswer], ProviderError | None]] = {
    "kik": lambda answer: kik.refusal(answer, _SECRET),
    "messenger": lambda answer: messenger.refusal(answer, _SECRET),
    "telegram": lambda answer: telegram.refusal(answer, f"1:{_SECRET}"),
}


def _run_api(data: bytes) -> str:
    """Read an answer: its content type in the first line, then its body."""
    first, _, body = data.partition(b"\n")
    answer = parse_response(200, body[:_LARGEST_BODY], first.decode("latin-1"))
    check_storable(answer.for_templates(), "the answer")
    assert not deeper_than(answer.data, MAX_DEPTH), "nested deeper than templates may see"
    assert len(answer.text) <= len(body), "more text than bytes"
    kept = summarized([answer.data, answer.text], Redactor([_SECRET]))
    check_storable(kept, "what the trace keeps", 60_000)
    assert _SECRET not in str(kept), "a secret is kept"
    return f"{type(answer.data).__name__} {answer.error} {bool(answer.text)} {HIDDEN in str(kept)}"


def _run_redirect(data: bytes) -> str:
    headers = {"Authorization": _SECRET, "X-Key": _SECRET}
    request = first_request(PreparedCall("GET", "https://example.com/a/b?c=d", headers=headers), "key")
    response = requests.Response()
    response.status_code = (301, 302, 303, 307, 308)[len(data) % 5]
    response.headers["location"] = data.decode("latin-1")
    try:
        following = redirected(request, response)
    except RequestFailed as error:
        return outcome_of(error)
    url = str(following.url)
    assert url.startswith(("http://", "https://")), "another scheme"
    assert not set("\r\n\x00 ") & set(url), "a blank or a line break in an address"
    origin = url.split("?")[0].split("#")[0].removeprefix("https://").split("/")[0].rpartition("@")[2].lower()
    ours = url.startswith("https://") and origin in ("example.com", "example.com:443")
    assert ours or _SECRET not in str(following.headers), f"a secret goes to {origin}"
    return f"ours {ours} {following.method}"


def _run_provider(slug: str, data: bytes) -> str:
    """Read a provider's refusal: status and the wait it asks for in the first line, then its body."""
    first, _, body = data.partition(b"\n")
    status, _, wait = first.decode("latin-1").partition(" ")
    number = int(status) if status.isdecimal() and len(status) == _DIGITS else 400
    headers = {"Retry-After": wait, "X-Business-Use-Case-Usage": wait}
    error = _REFUSALS[slug](HttpAnswer(number, body, headers))
    if error is None:
        return "accepted"
    assert _SECRET not in str(error) + repr(error), "a secret is told"
    check_storable(str(error), "the error", 2_000)
    assert abs(error.code) < 2**63, "a code that no column takes"
    wait_for = getattr(error, "retry_after", None)
    assert wait_for is None or 0 <= wait_for < float("inf"), "a wait that ends never"
    return f"{type(error).__name__} {wait_for is not None}"


def _api_answers() -> tuple[bytes, ...]:
    types = (
        "",
        "application/json",
        "text/plain; charset=utf-16",
        "application/json; charset=shift_jis",
        "x; charset=idna",
    )
    bodies = (
        b'{"a": [1, 2.5, null, true, "x"], "b": {"c": "\\u00e9"}}',
        '{"name": "é漢👍"}'.encode(),
        '{"name": "é"}'.encode("utf-16"),
        '["é"]'.encode("latin-1"),
        b'"a-secret-of-the-author"',
        b"<html>gone</html>",
    )
    return tuple(f"{kind}\n".encode() + body for kind in types for body in bodies)


def _refusals(slug: str) -> tuple[bytes, ...]:
    bodies = [path.read_bytes() for path in sorted((fixtures.FOLDER / slug).glob("api_*.json"))]
    more = (
        b"429 7\n{}",
        b"503 Wed, 21 Oct 2026 07:28:00 GMT\n<html>",
        b'400 {"1": [{"estimated_time_to_regain_access": 9}]}\n{"error": {}}',
    )
    return (*(f"{status}\n".encode() + body for status in (200, 400, 403, 429) for body in bodies), *more)


def _places() -> tuple[bytes, ...]:
    return (
        b"/c", b"?x", b"#x", b"https://example.com/c", b"https://other.example/c", b"//other.example/", b"http://[::1]:80/",
        b"https://example.com@other.example/", b"https://example.com:443/a/../b",
        "https://exämple.com/é".encode(), b"\\\\x\\y",
    )  # fmt: skip


_SETS = tuple(
    b"; charset= utf-7 utf-16 utf-32 idna punycode undefined unicode-escape raw_unicode_escape rot13 base64 "
    b"zlib bz2 hex mbcs oem utf-8-sig cp037 hz iso2022_jp iso-2022-kr big5hkscs euc-jp gb18030 shift_jis "
    b"utf_16_le palmos mac-roman".split()
)
_WAITS = tuple(
    b"retry_after migrate_to_chat_id error_code code error_subcode is_transient nan inf 1e400 -5 parameters ok".split()
)
_SIGNS = tuple(
    b"// : @ \\ [ ] %00 %0d%0a ? # ; .. http: https: javascript: example.com other.example 127.0.0.1 \xc3\xa9".split()
)
TARGETS = (
    Target("api-answer", _run_api, _api_answers, (*_SETS, b"a-secret", b"-of-the-author", b"\\u", b"\n")),
    Target("redirect", _run_redirect, _places, _SIGNS),
    *(Target(f"refusal-{slug}", partial(_run_provider, slug), partial(_refusals, slug), _WAITS) for slug in _REFUSALS),
)
