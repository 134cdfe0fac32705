"""What a provider has that overrides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from permabots.exceptions import WebhookRejected
from permabots.providers.base.contract import Client, Limits, Provider
from permabots.values import Inbound, Kind, Payload, Receipt, Sender, WebhookInfo, WebhookRequest


class Least(Provider):
    """Implements what it must, and nothing more."""

    slug = "least"
    name = "Least"
    model = "tests.LeastBot"
    credential_fields = ()
    verify_fields = ()
    limits = Limits(text=10)
    has_users = False
    recipient_fields = ("chat_id",)
    integer_ids = False
    default_options = {"api_url": "http://127.0.0.1:1", "version": "1"}

    def verify(self, request: WebhookRequest, credentials: Mapping[str, str]) -> None: ...
    def parse(self, request: WebhookRequest, identity: Any) -> list[Inbound]:
        return []

    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Any]:
        return {}

    def message_context(self, inbound: Inbound) -> dict[str, Any]:
        return {}

    def render(self, answer: Any, address: Any) -> list[Payload]:
        return []

    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return payload

    def client(self, credentials: Mapping[str, str]) -> Client:
        return LeastClient()

    def keyboard(self, rows: Any) -> Any:
        return []


class LeastClient(Client):
    """The same for a client."""

    def send(self, payload: Payload, timeout: float) -> Receipt:
        return Receipt()

    def identify(self) -> Sender:
        return Sender("1")

    def set_webhook(self, url: str, secret: str) -> None: ...
    def remove_webhook(self) -> None: ...
    def webhook_info(self) -> WebhookInfo:
        return WebhookInfo()


def test_options_that_are_not_set_have_their_defaults() -> None:
    assert Least({"version": "2"}).options == {"api_url": "http://127.0.0.1:1", "version": "2"}
    assert Least().options == Least.default_options


def test_it_makes_no_handshake() -> None:
    with pytest.raises(WebhookRejected):
        Least().handshake(WebhookRequest(b""), {})


def test_it_acknowledges_nothing_and_knows_nobody() -> None:
    assert Least().acknowledge(Inbound("1", 1, Kind.BUTTON, "x", "7", "7", {})) == []
    assert Least().user_of_private_chat("7") == ""


def test_its_messages_have_no_plainer_form() -> None:
    assert Least().plainest(Payload("send", {"text": "x"}), "no") is None


def test_it_cannot_poll() -> None:
    assert not Least.can_poll
    with pytest.raises(NotImplementedError, match="LeastClient cannot poll"):
        Least().client({}).poll(None, 0)
