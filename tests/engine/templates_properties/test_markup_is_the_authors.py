"""No value makes a tag, an attribute or an entity in a text: the author's tags are all there is."""

from __future__ import annotations

import re

from hypothesis import assume, given, note

from permabots.exceptions import TemplateError
from tests.engine.templates_properties.engine import budget, examples, markup, no_timeout, render_text
from tests.engine.templates_properties.markup_grammar import exact, filtered
from tests.engine.templates_properties.markup_grammar import given as given_text
from tests.engine.templates_properties.statements import Example

HARMLESS = "\ue000\ue001"
FOREIGN = {"pre"}


def tags(text: str) -> list[tuple[str, bool, bool]]:
    return list(markup.tags(text))


def visible(text: str) -> str:
    return markup.visible(markup.parse(text))


def foreign(value: str) -> str:
    """Return a value whose tags are none that its template has."""
    return re.sub("<(/?)[ab]\\b", r"<\1pre", value)


def addresses(text: str) -> list[str]:
    """Return where the links of a text lead."""
    return [tag.value or "" for run in markup.parse(text) for tag in run.tags if tag.name == "a"]


def links(text: str) -> list[str]:
    """Return the values of all tags around text."""
    return [tag.value or "" for run in markup.parse(text) for tag in run.tags]


def rendered(source: str, value: str) -> str:
    return render_text(source, given_text(value), budget())


@no_timeout
@examples(150)
@given(exact())
def test_what_is_seen_is_what_the_author_wrote_around_the_value(example: Example) -> None:
    value = str(example.context["s"])
    note(f"{example.source!r} with {value!r}")
    try:
        harmless = rendered(example.source, HARMLESS)
    except TemplateError:
        assume(False)
    assume(value.strip() == value and value)  # what is empty is another branch, and |trim takes blanks
    found = rendered(example.source, value)
    assert tags(found) == tags(harmless)
    assert visible(found) == visible(harmless).replace(HARMLESS, value)
    assert links(found) == [link.replace(HARMLESS, value) for link in links(harmless)]


@no_timeout
@examples(150)
@given(filtered())
def test_a_value_that_is_computed_with_makes_no_tag(example: Example) -> None:
    note(f"{example.source!r} with {example.context['s']!r}")
    try:
        found = rendered(example.source, foreign(str(example.context["s"])))
    except TemplateError:
        assume(False)
    assert not {name for name, _, _ in tags(found)} & FOREIGN
    assert all(link.lower().startswith("https://example.com/") for link in addresses(found))
