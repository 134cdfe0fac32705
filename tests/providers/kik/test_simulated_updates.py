"""Sample calls: made up, and read like any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from permabots.providers.kik.provider import Kik
from permabots.values import Identity, Inbound, Kind, WebhookRequest


def simulated_update(text: str, kind: Kind = Kind.TEXT, chat_id: str = "c1", user_id: str = "joe") -> Inbound:
    body = Kik().simulated_update(text, kind, chat_id, user_id)
    (event,) = Kik().parse(WebhookRequest(json.dumps(body).encode()), Identity("shopbot", "shopbot"))
    return event


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.BUTTON])
def test_a_sample_is_read_as_a_text_since_a_tapped_response_is_one(kind: Kind) -> None:
    event = simulated_update("Go back", kind, "c2", "Joe")
    assert (event.kind, event.text, event.chat_id, event.user_id) == (Kind.TEXT, "Go back", "c2", "Joe")


def test_templates_see_a_whole_message_sent_just_now() -> None:
    message = Kik().message_context(simulated_update("hello"))
    assert (message["body"], message["from"], message["participants"]) == ("hello", "joe", ["joe"])
    assert abs((datetime.now(UTC).replace(tzinfo=None) - message["timestamp"]).total_seconds()) < 60
