"""What Facebook posts to us: batches of events, of several people and pages, signed with the app's secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter

from permabots.exceptions import WebhookRejected
from permabots.providers.base import signatures
from permabots.providers.base.contract import Credentials
from permabots.providers.base.json_parsing import json_object
from permabots.providers.messenger.events import ignored, read
from permabots.providers.messenger.json_parsing import identifier
from permabots.values import Identity, Inbound, Json, WebhookRequest

SIGNATURE_HEADER = "x-hub-signature-256"

MISSING = "app_secret missing"
_NOT_FOR_US = {"standby": "another app has the conversation", "changes": "a change of the page, not a message"}
"""Why the events of an entry's list are ignored, where that is not ``messaging``."""


def handshake(request: WebhookRequest, credentials: Credentials) -> str:
    """Return the challenge of the call by which Facebook checks a webhook's address.

    The verify token is the integration's id, with its dashes or without. permabots 2.2.3 looked at nothing else, so a
    call that names no mode is taken too.

    Raises:
        WebhookRejected: it is no such call, or its token is wrong.
    """
    if request.query.get("hub.mode", "subscribe") != "subscribe" or "hub.challenge" not in request.query:
        raise WebhookRejected("this is no request to verify the webhook")
    expected = credentials.get("id", "")
    presented = request.query.get("hub.verify_token", "").lower()
    if not signatures.matches(presented, expected.lower(), expected.lower().replace("-", "")):
        raise WebhookRejected("the verify token is missing or wrong")
    return request.query["hub.challenge"]


def verify(request: WebhookRequest, credentials: Credentials, *, allow_unsigned: bool = False) -> None:
    """Check the signature over the raw bytes. Without an app secret there is nothing to check it with.

    Args:
        request: the call.
        credentials: with the app secret, if there is one.
        allow_unsigned: whether every call is taken where there is none.

    Raises:
        WebhookRejected: the signature is missing or wrong, or there is no app secret: Facebook repeats what is
            answered 403, so nothing is lost where one is stored within the hour.
    """
    secret = credentials.get("app_secret", "")
    if not secret and allow_unsigned:
        return
    if not secret:
        raise WebhookRejected(MISSING, detail=MISSING)
    algorithm, _, signature = request.headers.get(SIGNATURE_HEADER, "").partition("=")
    if not (algorithm == "sha256" and signatures.signature_matches(signature, request.body, secret, "sha256")):
        raise WebhookRejected("the signature is missing or wrong")


def parse(request: WebhookRequest, identity: Identity) -> list[Inbound]:
    """Read all events of one call, oldest first: Facebook does not promise their order.

    Raises:
        MalformedWebhook: the body is not JSON, or not an object.
    """
    return sorted(_events(json_object(request.body)), key=attrgetter("provider_sequence"))


def _events(body: Mapping[str, Json]) -> Iterator[Inbound]:
    entries = body.get("entry")
    if body.get("object") != "page":
        yield ignored(body, "", "a call that is not about a page")
    elif not (isinstance(entries, list) and entries):
        yield ignored(body, "", "a call without entries")
    else:
        for entry in entries:
            if isinstance(entry, dict):
                yield from _entry(entry)
            else:
                yield ignored({"entry": [entry]}, "", "an entry that is no object")


def _entry(entry: Mapping[str, Json]) -> Iterator[Inbound]:
    """Read what one page has to tell: ``messaging`` is for us, ``standby`` for the app that has the conversation."""
    account = identifier(entry.get("id"))
    lists = {name: value for name, value in entry.items() if isinstance(value, list) and value}
    if not lists:
        yield ignored(entry, account, "an entry without events")
    for name, items in lists.items():
        for item in items:
            if not isinstance(item, dict):
                yield ignored({name: [item]}, account, "an event that is no object")
            elif name == "messaging":
                yield read(item, account)
            else:
                yield ignored(item, account, _NOT_FOR_US.get(name, f"an event of the list {name[:40]}"))
