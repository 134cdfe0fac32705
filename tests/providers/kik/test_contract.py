"""Kik holds what every provider must hold. The words of its refusals are invented: its documentation is gone."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.exceptions import ContentRefused, CredentialsRefused, Retryable
from permabots.providers.base.signatures import signed
from permabots.providers.kik.provider import Kik
from permabots.testing.contract import ApiAnswer, ProviderContract, Shown
from permabots.values import Button, Identity, Json, Payload, Receipt
from tests.providers import fixtures


class TestKik(ProviderContract):
    provider = Kik
    fixtures = fixtures.FOLDER / "kik"
    credentials = {"username": "shopbot", "api_key": "3f2a9c1e-key"}
    public = ("username",)
    identity = Identity("shopbot", "shopbot")
    chat_id = "c1"
    user_id = "joe"
    other_chat_id = "c2"
    labels_come_back = True
    answers = {
        "api_ok_message": ApiAnswer(200, Receipt()),
        "api_error_400": ApiAnswer(400, ContentRefused),
        "api_error_401": ApiAnswer(401, CredentialsRefused),
        "api_error_429": ApiAnswer(429, Retryable, retry_after=7, headers={"Retry-After": "7"}),
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"X-Kik-Signature": signed(body, self.credentials["api_key"], "sha1").upper()}

    def shown(self, payload: Payload) -> list[Shown]:
        return [shown(message) for message in payload.body["messages"]]


def shown(message: Json) -> Shown:
    boards = [board["responses"] for board in message.get("keyboards", [])]
    rows = tuple(tuple(Button(response["body"], response["body"]) for response in board) for board in boards)
    return Shown(message["chatId"], message["body"], rows)
