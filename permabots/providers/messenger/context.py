"""``message`` in templates, in the form that permabots has documented since its first version."""

from __future__ import annotations

from typing import Any

from permabots.providers.base.json_parsing import as_dict
from permabots.providers.messenger.json_parsing import identifier, sent_at
from permabots.values import Inbound


def message_context(inbound: Inbound) -> dict[str, Any]:
    """Return ``message`` for templates.

    Args:
        inbound: an event of the kind ``text`` or ``button``.

    Returns:
        ``{sender, recipient, timestamp, text}``, or ``postback`` in place of ``text`` where a button of a template or
        of the menu was pressed. The first two are ids; the timestamp is a naive `datetime` in UTC.
    """
    sent = sent_at(inbound.raw.get("timestamp"))
    pressed = isinstance(inbound.raw.get("postback"), dict) and not isinstance(inbound.raw.get("message"), dict)
    return {
        "sender": identifier(as_dict(inbound.raw.get("sender")).get("id")),
        "recipient": identifier(as_dict(inbound.raw.get("recipient")).get("id")),
        "timestamp": sent and sent.replace(tzinfo=None),
        "postback" if pressed else "text": inbound.text,
    }
