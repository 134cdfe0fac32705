"""``message`` in templates, for the web chat."""

from __future__ import annotations

from permabots.providers.base.json_parsing import as_str
from permabots.values import Inbound, Json, Kind


def message_context(inbound: Inbound) -> dict[str, Json]:
    """Return ``message`` for templates.

    Args:
        inbound: an event of the kind ``text`` or ``button``.

    Returns:
        ``{id, number, chat, name, page, lang, text, data}``: ``number`` is the message's place in the conversation,
        ``name`` what the site signed, ``page`` the address on which the person talks, ``lang`` the page's language,
        each "" where it is not known; ``text`` is what was written, and ``data`` that of the pressed button, "" else.
    """
    raw, pressed = inbound.raw, inbound.kind is Kind.BUTTON
    return {
        "id": as_str(raw.get("id")),
        "number": inbound.provider_sequence,
        "chat": inbound.chat_id,
        "name": as_str(raw.get("name")),
        "page": as_str(raw.get("page")),
        "lang": as_str(raw.get("lang")),
        "text": "" if pressed else inbound.text,
        "data": inbound.text if pressed else "",
    }
