"""Documents are read from JSON and YAML, and what two readers may understand differently is refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator

from permabots.pipeline.authoring import documents


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ('{"a": 1, "a": 2}', "'a' is there twice"),
        ('{"a": NaN}', "not JSON compliant"),
        ("a: 1\na: 2", "'a' is there twice"),
        ("a: &x [1]\nb: *x", "references"),
        ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
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


def test_texts_of_several_lines_are_written_as_such() -> None:
    text = documents.dumps({"a": "one\ntwo", "b": "ä"}, "yaml")
    assert text == "a: |-\n  one\n  two\nb: ä\n"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(documents.schema())
