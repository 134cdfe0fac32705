"""What the page stores for a bot: one event for each message of a person, made by permabots itself."""

from __future__ import annotations

from dataclasses import replace

from permabots.providers.base.json_parsing import as_int, as_str, fingerprint, json_object
from permabots.values import Identity, Inbound, Json, Kind, Sender, WebhookRequest

_LONGEST_ID = 150


def parse(request: WebhookRequest, identity: Identity) -> list[Inbound]:
    """Read one event: ``{id, chat, number, text | data, name, page, lang}``.

    Args:
        request: the call.
        identity: the bot's account. A person's id is unique in it only, so both together are the id of the person.

    Raises:
        MalformedWebhook: the body is not JSON, or not an object.
    """
    raw = json_object(request.body)
    event_id, chat, number = _short(raw.get("id")), _short(raw.get("chat")), as_int(raw.get("number"))
    ignored = Inbound(
        external_id=f"{chat} {event_id}" if event_id and chat else fingerprint(request.body),
        provider_sequence=number or 0,
        kind=Kind.IGNORED,
        text=None,
        chat_id=chat,
        user_id="",
        raw=raw,
        sender=_sender(raw, chat, identity),
    )
    if not (event_id and chat and number):
        return [replace(ignored, reason="an event without id, chat or number")]
    if text := as_str(raw.get("text")).strip():
        return [replace(ignored, kind=Kind.TEXT, text=text)]
    if isinstance(data := raw.get("data"), str):
        return [replace(ignored, kind=Kind.BUTTON, text=data)]
    return [replace(ignored, reason="an event without text")]


def _sender(raw: dict[str, Json], chat: str, identity: Identity) -> Sender | None:
    """Return the person, where the site on which they talk has signed who they are."""
    name = as_str(raw.get("name"))
    return Sender(f"{identity.id} {chat}", first_name=name) if chat and name else None


def _short(value: Json) -> str:
    """Return an id; "" for what is none, or longer than a row can hold."""
    words = as_str(value)
    return words if len(words) <= _LONGEST_ID else ""
