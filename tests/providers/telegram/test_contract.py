"""Telegram holds what every provider must hold."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.exceptions import ContentRefused, RecipientGone, RecipientMoved, Retryable
from permabots.providers.base.markup import plain
from permabots.providers.telegram.provider import Telegram
from permabots.testing.contract import ApiAnswer, ProviderContract, Shown
from permabots.values import Button, Identity, Json, Payload, Receipt
from tests.providers import fixtures


class TestTelegram(ProviderContract):
    provider = Telegram
    fixtures = fixtures.FOLDER / "telegram"
    credentials = {
        "token": "111:a-Secret_token",
        "webhook_secret": "the-present-secret",
        "previous_webhook_secret": "the-previous-secret",
        "next_webhook_secret": "the-next-secret",
    }
    identity = Identity("7000000001", "shop_helper_bot")
    answers = {
        "api_ok_sendMessage": ApiAnswer(200, Receipt("201")),
        "api_error_400_migrated": ApiAnswer(400, RecipientMoved),
        "api_error_400_parse": ApiAnswer(400, ContentRefused),
        "api_error_403_blocked": ApiAnswer(403, RecipientGone),
        "api_error_429": ApiAnswer(429, Retryable, retry_after=7),
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self.credentials["webhook_secret"]}

    def shown(self, payload: Payload) -> list[Shown]:
        body = payload.body
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        return [Shown(str(body["chat_id"]), plain(body["text"]), tuple(tuple(map(button, row)) for row in rows))]


def button(key: Json) -> Button:
    return Button(key["text"], key.get("callback_data"), key.get("url"))
