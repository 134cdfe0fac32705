"""The arguments of a call of the Graph API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from permabots.testing.http11 import Request
from permabots.testing.messenger.errors import parameter
from permabots.values import Json

FIELDS = (
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "messaging_handovers",
    "standby",
    "feed",
)
"""What a page can be subscribed to, as far as the stand-in knows."""


def read_arguments(request: Request) -> dict[str, Any]:
    """Return the arguments of query and body; those of the body win. A body that cannot be read holds none."""
    arguments: dict[str, Any] = dict(request.query)
    if "json" in request.headers.get("content-type", ""):
        try:
            body = request.json()
        except ValueError:
            return arguments
        return arguments | body if isinstance(body, dict) else arguments
    arguments.update(parse_qsl(request.text, keep_blank_values=True))
    for name in ("recipient", "message"):
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                continue  # it is refused as what it is: no object
    return arguments


def recipient_of(arguments: dict[str, Any]) -> str:
    """Return the person (PSID) that a message is for, "" where none is named."""
    recipient = arguments.get("recipient")
    psid = recipient.get("id") if isinstance(recipient, dict) else None
    return str(psid) if isinstance(psid, str | int) else ""


def subscribed_fields(arguments: dict[str, Any]) -> list[str]:
    """Return what a page shall be subscribed to.

    Raises:
        Refusal: nothing is named, or what does not exist.
    """
    given = arguments.get("subscribed_fields")
    names = given.split(",") if isinstance(given, str) else given
    if not given or not isinstance(names, list):
        raise parameter("The parameter subscribed_fields is required")
    fields = [str(name).strip() for name in names]
    for number, name in enumerate(fields):
        if name not in FIELDS:
            raise parameter(f"Param subscribed_fields[{number}] must be one of {{{', '.join(FIELDS)}}}")
    return fields


def chosen(about: dict[str, Json], arguments: dict[str, Any]) -> dict[str, Json]:
    """Return the fields that were asked for; the id is always there."""
    asked = str(arguments.get("fields") or "name").split(",")
    return {name: value for name, value in about.items() if name in asked or name == "id"}
