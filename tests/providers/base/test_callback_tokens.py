"""Tokens for button data that is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permabots.providers.base import callback_tokens


@pytest.mark.parametrize("data", ["", "size:l", "a" * 64, "ü" * 32, "kept:short"])
def test_data_that_fits_travels_itself(data: str) -> None:
    assert callback_tokens.shorten(data, 64) == (data, {})


@pytest.mark.parametrize("data", ["a" * 65, "ü" * 33, "👍" * 17, "\ud83d" * 22])
def test_data_longer_than_the_limit_in_bytes_is_kept_under_a_token(data: str) -> None:
    wire, kept = callback_tokens.shorten(data, 64)
    assert kept == {wire: data}
    assert callback_tokens.is_token(wire)


def test_data_that_looks_like_a_token_is_kept_too() -> None:
    token, _ = callback_tokens.shorten("a" * 65, 64)
    wire, kept = callback_tokens.shorten(token, 64)
    assert wire != token
    assert kept == {wire: token}


def test_a_token_depends_on_nothing_but_the_data() -> None:
    wire, _ = callback_tokens.shorten("b" * 100, 64)
    assert wire == "kept:bol9vArxRjke0mP3mSYZBshtxyvnd4QU"


@given(st.text(max_size=200), st.integers(callback_tokens.LENGTH, 128))
def test_what_travels_is_within_the_limit_and_leads_back_to_the_data(data: str, limit: int) -> None:
    wire, kept = callback_tokens.shorten(data, limit)
    assert len(wire.encode()) <= limit
    assert kept.get(wire, wire) == data
    assert callback_tokens.is_token(wire) == bool(kept)
