"""Templates of every kind, saved and rendered: an error for their author, or bounded output with nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha512
from typing import Any

from permabots.engine.definitions import ParameterDefinition, RequestDefinition
from permabots.engine.http.prepared import TurnError, prepare
from permabots.engine.http.request_building import first_request
from permabots.engine.templates import (
    Budget,
    RenderLimits,
    check_data,
    check_parameter,
    check_text,
    check_url,
    names_read,
    render_data,
    render_parameter,
    render_text,
    render_url,
)
from permabots.engine.templates.keyboards import check_keyboard, render_keyboard
from permabots.exceptions import DefinitionError, RequestFailed
from permabots.tag_balance import can_be_closed
from permabots.values import storable
from tests.attacks.evaluator import texts_in
from tests.attacks.verdict import INSIDES
from tests.engine.templates_properties import values
from tests.engine.templates_properties.choices import Choices
from tests.engine.templates_properties.mutations import CORPUS, TOKENS
from tests.fuzz.oracles import as_text, check_storable, outcome_of
from tests.fuzz.targets.target import Target

_LIMITS = RenderLimits()
_KINDS: dict[str, tuple[Callable[[str], None], Callable[..., Any]]] = {
    "text": (check_text, render_text),
    "url": (check_url, render_url),
    "parameter": (check_parameter, render_parameter),
    "keyboard": (check_keyboard, render_keyboard),
    "data": (check_data, render_data),
}


def context_of(data: bytes) -> dict[str, Any]:
    """Return what a template sees: made up, and the same for the same input."""
    seen = values.context(Choices(b"".join(sha512(data + bytes([number])).digest() for number in range(3))))
    return {
        **seen,
        "pattern": {"name": seen["s"], "x": seen["t"]},
        "response": {"status": 200, "data": seen["deep"]},
        "message": {"message": {"text": seen["s"], "chat": {"id": 1}}},
        "env": {"shop": seen["t"], "api": "https://example.com"},
    }


def _run(kind: str, data: bytes) -> str:
    source, (check, render) = as_text(data), _KINDS[kind]
    saved = _outcome(source, lambda: check(source))
    shown = _outcome(source, lambda: _checked(render(source, context_of(data), Budget(_LIMITS)), source))
    if kind == "text":
        can_be_closed(source, "b")
        _outcome(source, lambda: names_read(source))
    return f"{saved}, {shown}"


def _checked(made: Any, source: str) -> None:
    check_storable(storable(_plain(made)), "what is rendered")
    for text in texts_in(made):
        assert len(text) <= max(_LIMITS.max_chars, len(source)), "more output than the limit"
        _has_nothing_of_ours(text, source)


def _plain(made: Any) -> Any:
    return list(texts_in(made)) if isinstance(made, tuple) else made


def _outcome(source: str, do: Callable[[], Any]) -> str:
    try:
        do()
    except (DefinitionError, RequestFailed, TurnError) as error:
        assert str(error), "an error without words"
        _has_nothing_of_ours(str(error), source)
        return outcome_of(error)
    return "fine"


def _has_nothing_of_ours(text: str, source: str) -> None:
    ours = [word for word in INSIDES.findall(text) if word not in source]
    assert not ours, f"{ours[0]!r} is shown"


def _run_request(data: bytes) -> str:
    """Make a request of four templates, which line breaks of a kind of their own part."""
    url, name, value, body = (as_text(data).split("\x1e") + [""] * 4)[:4]
    pair = (ParameterDefinition(name, value),)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = body
    request = RequestDefinition(url, "Post", document or None, pair, pair)

    def sent() -> None:
        made = first_request(prepare(request, context_of(data), Budget(_LIMITS)), "key")
        assert "\n" not in str(made.url) and "\r" not in str(made.url), "a line break in an address"
        for line in made.headers.values():
            plain = line if isinstance(line, str) else line.decode("latin-1")
            assert "\n" not in plain and "\r" not in plain, "a line break in a header"

    return _outcome(as_text(data), sent)


def _seeds() -> tuple[bytes, ...]:
    return tuple(source.encode("utf-8", "surrogatepass") for source in CORPUS)


def _requests() -> tuple[bytes, ...]:
    return (
        b"https://example.com/{{ pattern.x }}?a={{ s }}\x1eX-Key\x1e{{ env.shop }}\x1e"
        + b'{"a": "{{ s }}", "b": [1, "{{ xs }}"]}',
        b"{{ env.api }}/a\x1eauthorization\x1eBearer {{ t }}\x1e" + b'{"id": {{ n }}, "t": "{{ s }}"}',
        b"http://127.0.0.1:8000/x;y?z#{{ t }}\x1ecookie\x1e{{ ys|join }}\x1e{{ rows|tojson }}",
    )


_WORDS = tuple(word.encode("utf-8", "surrogatepass") for word in TOKENS)
TARGETS = (
    *(Target(f"template-{kind}", partial(_run, kind), _seeds, _WORDS) for kind in _KINDS),
    Target("request", _run_request, _requests, (*_WORDS, b"\x1e", b"://", b"@", b"[::1]", b"\\", b":", b"\r\n")),
)
