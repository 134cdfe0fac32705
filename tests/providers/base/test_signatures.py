"""Secrets and signatures."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from permabots.providers.base import signatures

BODY = b'{"a": "\xff"}'
HEX = hmac.new("ключ".encode(), BODY, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secrets", [("right",), ("right", ""), ("", "right"), ("other", "right"), ("right", "other")])
def test_a_presented_secret_matches_any_stored_one(secrets: tuple[str, ...]) -> None:
    assert signatures.matches("right", *secrets)


@pytest.mark.parametrize(
    ("presented", "secrets"),
    [
        ("", ("",)),
        ("", ()),
        ("", ("right",)),
        ("wrong", ("right", "other")),
        ("right ", ("right",)),
        ("ü\udcff", ("u",)),
    ],
)
def test_anything_else_matches_none(presented: str, secrets: tuple[str, ...]) -> None:
    assert not signatures.matches(presented, *secrets)


def test_a_body_is_signed_in_hexadecimal() -> None:
    assert signatures.signed(BODY, "ключ", "sha256") == HEX
    assert signatures.signed(BODY, "ключ", "sha1") == hmac.new("ключ".encode(), BODY, hashlib.sha1).hexdigest()


@pytest.mark.parametrize("presented", [HEX, HEX.upper()])
def test_a_signature_is_taken_in_either_case(presented: str) -> None:
    assert signatures.signature_matches(presented, BODY, "ключ", "sha256")


@pytest.mark.parametrize(
    ("presented", "body", "key"),
    [
        ("", BODY, "ключ"),
        (HEX, BODY + b" ", "ключ"),
        (HEX, BODY, "ключ2"),
        (HEX[:-1], BODY, "ключ"),
        (f"sha256={HEX}", BODY, "ключ"),
        (hmac.new(b"", BODY, hashlib.sha256).hexdigest(), BODY, ""),
    ],
)
def test_a_wrong_signature_or_an_empty_key_proves_nothing(presented: str, body: bytes, key: str) -> None:
    assert not signatures.signature_matches(presented, body, key, "sha256")
