"""Reading what comes from outside."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.exceptions import MalformedWebhook
from permabots.providers.base.json_parsing import as_dict, as_int, as_str, fingerprint, from_unix, json_object
from permabots.values import Json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"update_id=1&message=x",
        b"\xff\xfe\xff",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        json_object(body)


def test_an_object_is_read_with_what_a_database_refuses_replaced() -> None:
    assert json_object(b'{"a\\u0000": ["\\ud83d", 1.5, {"b": null}]}') == {"a\ufffd": ["\ufffd", 1.5, {"b": None}]}


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=4))
def test_every_object_that_json_can_write_is_read(value: dict[str, Json]) -> None:
    assert set(map(type, json_object(json.dumps(value).encode()).values())) <= {type(item) for item in value.values()}


@pytest.mark.parametrize("value", [0, 7, -1001234567890, 2**63 - 1])
def test_a_whole_number_of_64_bits_is_taken(value: int) -> None:
    assert as_int(value) == value


@pytest.mark.parametrize("value", [True, False, 1.0, "1", None, [], {}, 2**63, -(2**63)])
def test_nothing_else_is_a_whole_number(value: Json) -> None:
    assert as_int(value) is None


def test_objects_and_texts_are_told_from_the_rest() -> None:
    assert [as_dict(value) for value in ({"a": 1}, [], None, "x")] == [{"a": 1}, {}, {}, {}]
    assert [as_str(value) for value in ("x", 1, None, {})] == ["x", "", "", ""]


def test_a_unix_time_becomes_an_aware_moment() -> None:
    assert from_unix(1460000000) == datetime(2016, 4, 7, 3, 33, 20, tzinfo=UTC)


@pytest.mark.parametrize("value", [-1, 10**18, True, "1460000000", 1.5, None])
def test_anything_else_is_no_moment(value: Json) -> None:
    assert from_unix(value) is None


def test_the_last_moments_that_python_knows_do_not_overflow() -> None:
    found = [from_unix(253_402_300_799 + step) for step in (-2, -1, 0, 1, 2)]
    assert found[0] is not None
    assert found[-1] is None


def test_a_fingerprint_is_the_bytes_own() -> None:
    assert fingerprint(b"{}") == fingerprint(b"{}") != fingerprint(b"{ }")
    assert fingerprint(b"{}").startswith("sha256:")
