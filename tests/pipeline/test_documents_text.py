"""Documents are read from JSON and YAML, and what two readers may understand differently is refused."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from permabots.pipeline.authoring import documents

NUMBERS = re.compile(r"\A[-+]?[0-9._]{1,6}([eE][-+]?[0-9]{1,3})?\Z")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ('{"a": NaN}', "not JSON compliant"),
        ("a: 1\na: 2", "'a' is there twice"),
        ("a: &x [1]\nb: *x", "references"),
        ("a: !!python/object/apply:os.getcwd []", "tags (tag:yaml.org,2002:python/object/apply:os.getcwd)"),
        *((f"a: !!{tag}", "are not read") for tag in ("timestamp zz", "bool zz", 'int ""', "binary aGk=", "set {b}")),
        ("a: " + "9" * 5000, "cannot be read"),
        ("a: 1e999", "cannot be read"),
        ("1: a", "the key 1 is no text"),
        ("a: [", "line 1"),
        ("[" * 200 + "]" * 200, "nested too deep"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "nested too deep"),
        ("a" * 300_001, "longer than 300,000"),
        ('{"a": "' + "a" * 2_000_000 + '"}', "longer than 2,000,000"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        documents.loads(text)
    assert words in " ".join(caught.value.messages)


def test_a_date_is_a_text_and_yes_is_true() -> None:
    assert documents.loads("a: 2026-11-30\nb: 'yes'\nc: true") == {"a": "2026-11-30", "b": "yes", "c": True}


@pytest.mark.parametrize("text", ["012", "0x1f", "12:30:45", "yes", "off", ".nan", ".inf", "1_000", "<<", "=", "+1"])
def test_what_is_no_value_of_json_is_a_text(text: str) -> None:
    assert documents.loads(f"a: {text}") == {"a": text}


@settings(max_examples=500, deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12) | st.from_regex(NUMBERS)
)
@example("a\x85b")
@example("a\nb\x85c")
@example("\ufeff\u2028")
@example("1e5")
@example("a\r\nb")
def test_every_text_comes_back_from_yaml(text: str) -> None:
    value = {"a": text, text: [text, 1, 1.5, True, None, -3e-07]}
    assert documents.loads("x: 1\n" + documents.dumps({"y": value}, "yaml")) == {"x": 1, "y": value}


def test_texts_of_several_lines_are_written_as_such() -> None:
    text = documents.dumps({"a": "one\ntwo", "b": "ä"}, "yaml")
    assert text == "a: |-\n  one\n  two\nb: ä\n"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(documents.schema())
