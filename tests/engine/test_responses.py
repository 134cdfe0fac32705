"""The text of an answer, whatever bytes it is made of."""

from __future__ import annotations

import pytest

from permabots.engine.http.responses import parse_response


def test_bytes_that_no_character_set_of_windows_has_are_read_as_latin_1() -> None:
    assert parse_response(200, b'{"a": "\x81\xe9"}', None).data == {"a": "\x81é"}


@pytest.mark.parametrize(
    "name", ["hex", "base64", "bz2", "zlib", "uu", "quopri", "rot13", "undefined", "idna", "punycode"]
)
def test_a_codec_that_is_no_character_set_is_as_good_as_none(name: str) -> None:
    """Python makes a text of no bytes with any codec, and fails with some bytes: found by `make fuzz`."""
    assert parse_response(200, b'{"a": "\xe9"}', f"application/json; charset={name}").data == {"a": "é"}
