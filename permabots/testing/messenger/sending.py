"""``POST /me/messages`` of the stand-in Graph API."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from uuid import uuid4

from permabots.testing.calls import Calling, Refusal
from permabots.testing.journal import Sent
from permabots.testing.messenger.content import check_message, shown_text
from permabots.testing.messenger.errors import (
    outside_window,
    parameter,
    rate_limited,
    unavailable,
    unknown_person,
)
from permabots.testing.messenger.events import event
from permabots.testing.messenger.state import MessengerState
from permabots.values import Json

DAY = 86_400.0
MISBEHAVING: dict[str, Callable[[], Refusal]] = {
    "551551": unavailable,
    "613613": rate_limited,
    "100100": unknown_person,
    "101010": outside_window,
}
"""People who always refuse, by PSID."""
ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")


class SendApi:
    """Takes messages.

    Args:
        state: where they are kept.
        check_people: refuse a person who never wrote to the page, as Facebook does.
        violate: notes what is accepted and should not be there.
        shown: told, with the lock held, of every message that people see now.
    """

    def __init__(
        self,
        state: MessengerState,
        check_people: bool,
        violate: Callable[[Calling, str], None],
        shown: Callable[[dict[str, Json]], None],
    ) -> None:
        self._state = state
        self._check_people = check_people
        self._violate = violate
        self._shown = shown

    def send(self, calling: Calling) -> Json:
        """Take a message or a sender action and return the answer."""
        arguments = calling.arguments
        if not calling.chat_id:
            raise parameter("The parameter recipient is required")
        if "sender_action" in arguments:
            _check_action(arguments)
            self._check_reachable(calling)
            return {"recipient_id": calling.chat_id}
        _check_type(arguments)
        remarks = check_message(arguments.get("message"))
        with self._state.lock:
            self._check_reachable(calling)
            for remark in remarks:
                self._violate(calling, remark)
            return {"recipient_id": calling.chat_id, "message_id": self._keep(calling)}

    def _keep(self, calling: Calling) -> str:
        message, mid = calling.arguments["message"], f"m_{uuid4().hex}"
        sent = Sent(
            bot=calling.bot,
            chat_id=calling.chat_id,
            message_id=mid,
            text=shown_text(message),
            message=message,
            answered=calling.answered,
            monotonic=calling.request.monotonic,
            time=calling.request.time,
        )
        record = event(calling.bot, calling.chat_id, self._state.moment(), message={**message, "mid": mid})
        self._state.keep(sent, record)
        self._shown(record)
        return mid

    def _check_reachable(self, calling: Calling) -> None:
        """Refuse a person who is gone, unknown, or wrote too long ago."""
        psid = calling.chat_id
        if psid in MISBEHAVING:
            raise MISBEHAVING[psid]()
        chat = self._state.known_chat(calling.bot, psid)
        last = chat.last_message if chat else None
        if last is None:
            if self._check_people:
                raise unknown_person()
            return
        days = 7 if calling.arguments.get("tag") == "HUMAN_AGENT" else 1
        if time() - last > days * DAY:
            raise outside_window()


def _check_action(arguments: dict[str, Json]) -> None:
    if "message" in arguments:
        raise parameter("Param sender_action must not be combined with message")
    if arguments["sender_action"] not in ACTIONS:
        raise parameter(f"Param sender_action must be one of {{{', '.join(ACTIONS)}}}")


def _check_type(arguments: dict[str, Json]) -> None:
    """Refuse a message whose ``messaging_type`` does not exist, or needs a field that is missing."""
    kind = arguments.get("messaging_type")
    if kind not in TYPES:
        raise parameter(f"Param messaging_type must be one of {{{', '.join(TYPES)}}}")
    if kind == "MESSAGE_TAG" and arguments.get("tag") != "HUMAN_AGENT":
        raise parameter("Param tag must be one of {HUMAN_AGENT}")
    if kind == "UTILITY":
        raise parameter("A utility message must be an approved template")
