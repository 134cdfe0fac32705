"""Toy: a made-up messenger whose chats are persons."""

from __future__ import annotations

from dataclasses import replace
from time import time

from permabots.exceptions import WebhookRejected
from permabots.providers.base import callback_tokens
from permabots.providers.base.contract import Client, Credentials, Limits, Provider
from permabots.providers.base.json_parsing import as_int, as_str, fingerprint, json_object
from permabots.providers.base.markup import plain
from permabots.providers.base.signatures import signature_matches
from permabots.providers.base.splitting import split_text
from permabots.values import (
    Address,
    Answer,
    Button,
    Identity,
    Inbound,
    Json,
    Keyboard,
    Kind,
    Payload,
    Sender,
    WebhookRequest,
    storable,
)

from .client import ToyClient

LONGEST_ID = 100


class Toy(Provider):
    """Toy: facts first."""

    slug = "toy"
    name = "Toy"
    model = "toy.ToyBot"
    credential_fields = ("key",)
    verify_fields = ("key",)
    limits = Limits(text=500, label=20, data=64)
    has_users = False
    recipient_fields = ("chat_id",)
    integer_ids = False
    default_options = {"api_url": "https://toy.example.com"}

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        presented = request.headers.get("toy-signature", "")
        if not signature_matches(presented, request.body, credentials["key"], "sha256"):
            raise WebhookRejected("the signature is missing or wrong")

    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        raw = json_object(request.body)
        event_id, chat = short(raw.get("id")), short(raw.get("chat"))
        ignored = Inbound(
            external_id=event_id or fingerprint(request.body),
            provider_sequence=as_int(raw.get("at")) or 0,
            kind=Kind.IGNORED,
            text=None,
            chat_id=chat,
            user_id="",
            raw=raw,
            sender=Sender(chat, first_name=as_str(raw.get("name"))[:100]) if chat else None,
        )
        if not (event_id and chat):
            return [replace(ignored, reason="an event without id or chat")]
        for name, kind in (("text", Kind.TEXT), ("pressed", Kind.BUTTON)):
            if isinstance(raw.get(name), str):
                return [replace(ignored, kind=kind, text=raw[name])]
        return [replace(ignored, reason="an event without text")]

    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        said = {"pressed" if kind is Kind.BUTTON else "text": text}
        return {"id": "sample", "at": int(time() * 1000), "chat": chat_id, "name": "Sample", **said}

    def message_context(self, inbound: Inbound) -> dict[str, Json]:
        return {"id": inbound.external_id, "chat": inbound.chat_id, "text": inbound.text}

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        texts = [storable(plain(it)) for it in answer.texts]
        parts = [part for it in texts for part in split_text(it, self.limits.text, self.limits.unit)]
        payloads = [Payload("messages", {"chat": address.chat_id, "text": part}) for part in parts]
        if payloads and answer.keyboard:
            kept: dict[str, str] = {}
            body = {
                **payloads[-1].body,
                "buttons": [[shown(button, kept) for button in row] for row in answer.keyboard],
            }
            payloads[-1] = replace(payloads[-1], body=body, stored_callback_data=kept)
        return payloads

    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return replace(payload, body={**payload.body, "chat": chat_id})

    def keyboard(self, rows: Keyboard) -> Json:
        return [[shown(button, {}) for button in row] for row in rows]

    def client(self, credentials: Credentials) -> Client:
        return ToyClient(credentials["key"], self.options["api_url"])


def shown(button: Button, kept: dict[str, str]) -> dict[str, Json]:
    """Return a button in Toy's form; data that is too long for it stays here, under a token."""
    label = storable(button.label)[:20]
    if button.url is not None:
        return {"label": label, "url": storable(button.url)}
    data, long = callback_tokens.shorten(storable(button.data or button.label), 64)
    kept.update(long)
    return {"label": label, "data": data}


def short(value: Json) -> str:
    """Return an id; "" for what is none, or too long to be one of Toy's."""
    return value if isinstance(value, str) and len(value) <= LONGEST_ID else ""
