"""What templates see as ``message``: the shape that permabots has documented since its first version."""

from __future__ import annotations

from typing import Any

from permabots.providers.base.json_parsing import as_dict
from permabots.providers.messenger.json_parsing import identifier, sent_at
from permabots.values import Inbound


def message_context(inbound: Inbound) -> dict[str, Any]:
    """Return an event as templates see it.

    Args:
        inbound: a text or a press.

    Returns:
        ``{sender, recipient, timestamp, text}``, or ``postback`` in place of ``text`` where a template's or the menu's
        button was pressed. The first two are ids; the date is a naive `datetime` in UTC.
    """
    sent = sent_at(inbound.raw.get("timestamp"))
    pressed = isinstance(inbound.raw.get("postback"), dict) and not isinstance(inbound.raw.get("message"), dict)
    return {
        "sender": identifier(as_dict(inbound.raw.get("sender")).get("id")),
        "recipient": identifier(as_dict(inbound.raw.get("recipient")).get("id")),
        "timestamp": sent and sent.replace(tzinfo=None),
        "postback" if pressed else "text": inbound.text,
    }
