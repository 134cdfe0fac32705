"""What the tests of Messenger's rendering render, and how they read it."""

from __future__ import annotations

from permabots.providers.messenger.provider import Messenger
from permabots.values import Address, Answer, Json, Keyboard

MESSENGER = Messenger()
HOME = Address("7712345678901234")


def messages(answer: Answer) -> list[Json]:
    return [payload.body["message"] for payload in MESSENGER.render(answer, HOME)]


def template(message: Json) -> Json:
    return message["attachment"]["payload"]


def cards(text: str, keyboard: Keyboard) -> tuple[list[str], list[Json]]:
    """Return the texts that go before the cards, and the cards."""
    *texts, shown = messages(Answer((text,), keyboard))
    assert template(shown)["template_type"] == "generic"
    return [message["text"] for message in texts], template(shown)["elements"]
