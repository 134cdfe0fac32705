"""The text of an answer, whatever bytes it is made of."""

from __future__ import annotations

from permabots.engine.http.responses import parse_response


def test_bytes_that_no_character_set_of_windows_has_are_read_as_latin_1() -> None:
    assert parse_response(200, b'{"a": "\x81\xe9"}', None).data == {"a": "\x81é"}
