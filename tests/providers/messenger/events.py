"""Calls of the webhook, as Facebook makes them and as they are read."""

from __future__ import annotations

import copy
import json

from permabots.providers.messenger.provider import Messenger
from permabots.values import Identity, Inbound, Json, WebhookRequest
from tests.providers import fixtures

MESSENGER = Messenger()
PAGE, PERSON = "104455667788990", "7712345678901234"


def parsed(body: Json) -> list[Inbound]:
    return MESSENGER.parse(WebhookRequest(json.dumps(body).encode()), Identity(PAGE))


def only(body: Json) -> Inbound:
    (event,) = parsed(body)
    return event


def posted(event: Json) -> Json:
    return {"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": [event]}]}


def changed(name: str, path: str, value: Json) -> Json:
    """Return the event of a fixture with one value changed, or taken out where it is `...`."""
    event = copy.deepcopy(fixtures.content("messenger", name)["entry"][0]["messaging"][0])
    *parents, last = path.split(".")
    target = event
    for parent in parents:
        target = target[parent]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return event
