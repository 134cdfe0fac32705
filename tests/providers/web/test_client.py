"""The client: it hands messages to a store, and has nobody to ask."""

from __future__ import annotations

import pytest

from permabots.exceptions import PermanentError
from permabots.providers.web.provider import Web
from permabots.values import Kind, Payload, Receipt, Sender, WebhookInfo

PAYLOAD = Payload("message", {"chat": "v:1", "markup": "x", "keyboard": []}, key="7")


def test_a_message_is_handed_to_the_store() -> None:
    handed: list[Payload] = []

    def store(payload: Payload) -> Receipt:
        handed.append(payload)
        return Receipt("3")

    assert Web().client_of(store, Sender("shop")).send(PAYLOAD, 1.0) == Receipt("3")
    assert handed == [PAYLOAD]


def test_who_the_bot_is_may_be_asked_for_when_it_matters() -> None:
    assert Web().client_of(None, lambda: Sender("shop")).identify() == Sender("shop")
    assert Web().client_of(None, Sender("shop")).identify() == Sender("shop")


def test_without_an_account_nothing_is_sent_and_nothing_is_wrong_with_its_webhook() -> None:
    client = Web().client({})
    client.set_webhook("https://example.com/", "secret")
    client.remove_webhook()
    assert client.webhook_info() == WebhookInfo("")
    with pytest.raises(PermanentError):
        client.send(PAYLOAD, 1.0)


@pytest.mark.parametrize(("kind", "name"), [(Kind.TEXT, "text"), (Kind.BUTTON, "data")])
def test_a_simulated_update_says_what_it_was_made_of(kind: Kind, name: str) -> None:
    update = Web().simulated_update("hello", kind, "v:1", "")
    assert (update["chat"], update[name]) == ("v:1", "hello")
