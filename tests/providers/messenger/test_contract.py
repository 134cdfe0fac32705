"""Messenger holds what every provider must hold."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.exceptions import CredentialsRefused, PermanentError, RecipientGone, Retryable
from permabots.providers.base.signatures import signed
from permabots.providers.messenger.provider import Messenger
from permabots.testing.contract import ApiAnswer, ProviderContract, Shown
from permabots.values import Button, Identity, Json, Payload, Receipt
from tests.providers import fixtures


class TestMessenger(ProviderContract):
    provider = Messenger
    fixtures = fixtures.FOLDER / "messenger"
    credentials = {"token": "EAAB-a-secret-page-token", "app_secret": "a-secret-of-the-app"}
    identity = Identity("104455667788990")
    answers = {
        "api_ok_send": ApiAnswer(200, Receipt("m_OUT1zzzz")),
        "api_error_10_window": ApiAnswer(403, PermanentError),
        "api_error_190": ApiAnswer(400, CredentialsRefused),
        "api_error_551": ApiAnswer(400, RecipientGone),
        "api_error_613": ApiAnswer(400, Retryable),
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"X-Hub-Signature-256": f"sha256={signed(body, self.credentials['app_secret'], 'sha256')}"}

    def shown(self, payload: Payload) -> list[Shown]:
        chat_id, message = payload.body["recipient"]["id"], payload.body["message"]
        if "attachment" not in message:
            return [Shown(chat_id, message["text"])]
        template = message["attachment"]["payload"]
        cards = template.get("elements", [template])
        text = cards[0].get("title", template.get("text", ""))
        return [Shown(chat_id, text, tuple(tuple(map(button, card["buttons"])) for card in cards))]


def button(shown: Json) -> Button:
    return Button(shown["title"], shown.get("payload"), shown.get("url"))
