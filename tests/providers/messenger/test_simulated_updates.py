"""Sample calls: made up, and read like any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from permabots.providers.messenger.provider import Messenger
from permabots.values import Identity, Inbound, Kind, WebhookRequest


def simulated_update(text: str, kind: Kind = Kind.TEXT, chat_id: str = "7") -> Inbound:
    body = Messenger().simulated_update(text, kind, chat_id, "")
    (event,) = Messenger().parse(WebhookRequest(json.dumps(body).encode()), Identity("1"))
    return event


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.BUTTON])
@pytest.mark.parametrize("chat_id", ["7712345678901234", "1", "0"])
def test_a_sample_is_read_as_what_it_was_made_of(kind: Kind, chat_id: str) -> None:
    event = simulated_update("/start x", kind, chat_id)
    assert (event.kind, event.text, event.chat_id, event.user_id) == (kind, "/start x", chat_id, "")


def test_a_sample_is_for_the_page_of_whoever_reads_it() -> None:
    assert simulated_update("x").account == ""


@pytest.mark.parametrize(("kind", "key"), [(Kind.TEXT, "text"), (Kind.BUTTON, "postback")])
def test_templates_see_a_whole_event_sent_just_now(kind: Kind, key: str) -> None:
    message = Messenger().message_context(simulated_update("size:l", kind))
    assert (message[key], message["sender"], message["recipient"]) == ("size:l", "7", "page")
    assert abs((datetime.now(UTC).replace(tzinfo=None) - message["timestamp"]).total_seconds()) < 60
