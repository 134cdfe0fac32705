"""No value makes a button, a part of JSON or a part of an address: it fills the place that its author gave it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hypothesis import assume, given, note

from permabots.exceptions import TemplateError
from permabots.values import Json
from tests.engine.templates_properties.engine import (
    budget,
    examples,
    no_timeout,
    render_data,
    render_keyboard,
    render_url,
)
from tests.engine.templates_properties.structures import Filled, data, keyboards, urls
from tests.engine.templates_properties.structures import given as given_text

HARMLESS = "\ue000\ue001"


def replaced(value: Json, text: str) -> Json:
    """Return JSON with the harmless text in it replaced; numbers are compared as they read."""
    if isinstance(value, dict):
        return {key.replace(HARMLESS, text): replaced(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, text) for item in value]
    return value.replace(HARMLESS, text) if isinstance(value, str) else value


def same(found: Json, wanted: Json) -> bool:
    """Return whether two values are the same, but that a text may have become the number that it is."""
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict) and list(found) == list(wanted) and all(same(found[k], wanted[k]) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(same, found, wanted))
    number = isinstance(found, int | float) and not isinstance(found, bool) and isinstance(wanted, str)
    return found == wanted or (number and float(wanted) == found)


@no_timeout
@examples(150)
@given(keyboards())
def test_the_buttons_of_a_keyboard(filled: Filled) -> None:
    note(f"{filled.source!r} with {filled.value!r}")
    assume(
        filled.value.strip() and "\ud83d" not in filled.value
    )  # an empty button is refused, half a character is none
    wanted = render_keyboard(filled.source, given_text(HARMLESS), budget())
    found = render_keyboard(filled.source, given_text(filled.value), budget())

    def filled_in(text: str | None) -> str | None:
        return text and text.replace(HARMLESS, filled.value)

    def shown(keyboard: Any) -> Any:
        return [[(filled_in(it.label), filled_in(it.url or it.data)) for it in row] for row in keyboard]

    assert shown(found) == shown(wanted)


@no_timeout
@examples(150)
@given(data())
def test_the_structure_of_data(filled: Filled) -> None:
    note(f"{filled.source!r} with {filled.value!r}")
    wanted = render_data(filled.source, given_text(HARMLESS), budget())
    found = render_data(filled.source, given_text(filled.value), budget())
    assert same(found, replaced(wanted, filled.value)), (found, wanted)


@no_timeout
@examples(150)
@given(urls())
def test_the_parts_of_an_address(filled: Filled) -> None:
    note(f"{filled.source!r} with {filled.value!r}")
    wanted = urlsplit(render_url(filled.source, given_text(HARMLESS), budget()))
    try:
        found = urlsplit(render_url(filled.source, given_text(filled.value), budget()))
    except TemplateError:
        assert filled.value.strip() in ("", ".", "..") or set(filled.value) <= set(".%2eE")  # leads elsewhere
        return

    def put(text: str) -> str:
        return text.replace(HARMLESS, filled.value).encode(errors="replace").decode()

    assert (found.scheme, found.netloc) == (wanted.scheme, wanted.netloc)
    assert [unquote(part) for part in found.path.split("/")] == [put(unquote(part)) for part in wanted.path.split("/")]
    pairs = parse_qsl(wanted.query, keep_blank_values=True)
    assert parse_qsl(found.query, keep_blank_values=True) == [(put(name), put(value)) for name, value in pairs]
    assert unquote(found.fragment) == put(unquote(wanted.fragment))
