"""Toy holds what every provider must hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from permabots.exceptions import CredentialsRefused, PermanentError, RecipientGone, Retryable
from permabots.providers.base.signatures import signed
from permabots.testing.contract import ApiAnswer, ProviderContract, Shown
from permabots.values import Button, Payload, Receipt
from tests import toy
from tests.toy.provider import Toy


@pytest.mark.usefixtures("installed")
class TestToy(ProviderContract):
    provider = Toy
    fixtures = Path(toy.__file__).parent / "payloads"
    credentials = {"key": "a-secret-key-of-toy"}
    answers = {
        "api_ok": ApiAnswer(200, Receipt("m1")),
        "api_error_gone": ApiAnswer(404, RecipientGone),
        "api_error_key": ApiAnswer(401, CredentialsRefused),
        "api_error_long": ApiAnswer(400, PermanentError),
        "api_error_slow": ApiAnswer(429, Retryable, retry_after=5),
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"Toy-Signature": signed(body, self.credentials["key"], "sha256")}

    def shown(self, payload: Payload) -> list[Shown]:
        body = payload.body
        rows = tuple(
            tuple(Button(it["label"], it.get("data"), it.get("url")) for it in row) for row in body.get("buttons", ())
        )
        return [Shown(body["chat"], body["text"], rows)]
