"""Bodies of webhooks: refused as documented, or events that can be stored, shown to templates and answered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from permabots.exceptions import WebhookRejected
from permabots.providers.base.contract import Provider
from permabots.providers.kik.provider import Kik
from permabots.providers.messenger.provider import Messenger
from permabots.providers.telegram.provider import Telegram
from permabots.values import Identity, Inbound, Kind, WebhookRequest
from tests.fuzz.oracles import check_storable, outcome_of
from tests.fuzz.targets.target import Target
from tests.providers import fixtures

_LONGEST_ID = 150
_LARGEST_NUMBER = 2**63 - 1
_IDENTITIES: Mapping[str, Identity] = {
    "telegram": Identity("7000000001", "shop_helper_bot"),
    "messenger": Identity("104455667788990"),
    "kik": Identity("shopbot", "shopbot"),
}
_SECRETS: Mapping[str, Mapping[str, str]] = {
    "telegram": {"webhook_secret": "one", "previous_webhook_secret": "", "next_webhook_secret": ""},
    "messenger": {"app_secret": "one", "id": "1"},
    "kik": {"api_key": "one"},
}
_WORDS = {
    "telegram": b"message callback_query data entities bot_command /start @shop_helper_bot chat migrate_to_chat_id "
    b"from message_thread_id is_topic_message forum via_bot sender_chat update_id private group supergroup "
    b"text caption",
    "messenger": b"object page entry messaging standby sender recipient message quick_reply payload postback mid "
    b"referral ref timestamp is_echo attachments text id 104455667788990 changes",
    "kik": b"messages type text body chatId from id metadata participants mention suggested-response scan-data "
    b"start-chatting timestamp shopbot shopbot",
}


def _run(provider: Provider, body: bytes) -> str:
    _refuses(provider, body)
    try:
        events = provider.parse(WebhookRequest(body), _IDENTITIES[provider.slug])
    except WebhookRejected as error:
        assert error.reason, "a refusal without words"
        return outcome_of(error)
    assert len(events) <= max(1, len(body)), "more events than bytes"
    found = [_check(provider, event) for event in events]
    return " ".join(sorted(set(found))) or "nothing"


def _check(provider: Provider, event: Inbound) -> str:
    """Check one event; returns what it is."""
    ignored = event.kind is Kind.IGNORED
    assert ignored == bool(event.reason) == (event.text is None), "kind, reason and text disagree"
    assert event.external_id and (event.chat_id or ignored), "an event without its id or its chat"
    assert abs(event.provider_sequence) <= _LARGEST_NUMBER, "a number that no column takes"
    for name in ("external_id", "chat_id", "user_id", "reply_to", "account", "text", "reason"):
        check_storable(getattr(event, name), name)
    check_storable(dict(event.raw), "the raw event")
    if event.sender:
        check_storable(
            [event.sender.id, event.sender.username, event.sender.first_name, event.sender.last_name], "sender"
        )
    assert len(provider.topic_of(event)) <= _LONGEST_ID, "a topic that no column takes"
    check_storable(provider.topic_of(event), "the topic")
    check_storable(provider.moved_chat(event), "the moved chat")
    provider.may_name_us(event)
    if not ignored:
        check_storable(provider.message_context(event), "the context")
        for payload in provider.acknowledge(event):
            check_storable([payload.method, dict(payload.body)], "the acknowledgement")
    return f"{event.kind} {event.reason[:40]} {bool(event.sender)} {bool(event.reply_to)}"


def _refuses(provider: Provider, body: bytes) -> None:
    """Nothing that an input has in a header or an address proves anything, and all of it is read without a fault."""
    text = body.decode("latin-1")
    headers = dict.fromkeys(
        ("x-hub-signature-256", "x-hub-signature", "x-kik-signature", "x-telegram-bot-api-secret-token"), text
    )
    query = {"hub.mode": "subscribe", "hub.verify_token": text, "hub.challenge": text}
    for check in (provider.verify, provider.handshake):
        try:
            check(WebhookRequest(body, headers, query), _SECRETS[provider.slug])
        except WebhookRejected:
            continue
        raise AssertionError(f"{check.__name__} took what nobody signed")


@cache
def _seeds(slug: str) -> tuple[bytes, ...]:
    names = sorted((fixtures.FOLDER / slug).glob("*.json"))
    return tuple(
        path.read_bytes() for path in names if not path.name.startswith("api_") and ".expected." not in path.name
    )


def _target(provider: Any) -> Target:
    words = tuple(dict.fromkeys(_WORDS[provider.slug].split()))
    return Target(f"webhook-{provider.slug}", partial(_run, provider), partial(_seeds, provider.slug), words)


TARGETS = tuple(map(_target, (Telegram(), Messenger(), Kik())))
