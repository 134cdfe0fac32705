"""From an HTTP request to a messenger's API to its answer: credentials, faults, method, journal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any

from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Reply, Request, json_reply
from permabots.testing.journal import Call, Id, Violation
from permabots.testing.server_state import ServerState
from permabots.values import Json

_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class Refusal(Exception):
    """A refused call.

    Args:
        status: the HTTP status.
        description: why, in the messenger's words.
        body: the answer.
        headers: of the answer.
    """

    def __init__(self, status: int, description: str, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.body = body
        self.headers = headers or {}

    def reply(self) -> Reply:
        """Return the answer."""
        return json_reply(self.body, self.status, self.headers)


@dataclass(slots=True)
class Calling:
    """A call that is being carried out.

    Args:
        request: the HTTP request.
        method: the last part of the path, "" for a path that is none.
        arguments: of query and body together, without credentials.
        bot: who calls, as `Call.bot` names it.
        credential: with what.
        proof: a signature of the credential, "" for none.
        chat_id: the chat it is for, "" for none.
        answered: whether the bot will be told how it went.
    """

    request: Request
    method: str
    arguments: dict[str, Json] = field(default_factory=dict)
    bot: Id = ""
    credential: str = field(default="", repr=False)
    proof: str = field(default="", repr=False)
    chat_id: Id = ""
    answered: bool = True


class CallHandler(ABC):
    """Answers calls.

    Args:
        state: what is known.
    """

    def __init__(self, state: ServerState[Any]) -> None:
        self._state = state

    # Subclasses must implement

    @abstractmethod
    def read(self, request: Request) -> Calling:
        """Return the call that a request makes. Nothing is checked yet."""

    @abstractmethod
    def admit(self, calling: Calling) -> None:
        """Note the account of a call; raises `Refusal` where credentials, address or arguments are wrong."""

    @abstractmethod
    def carry_out(self, calling: Calling) -> Json:
        """Do it and return the answer; raises `Refusal`."""

    @abstractmethod
    def refusal(self, fault: Fault, calling: Calling) -> Refusal:
        """Return the API's words for TOO_MANY_REQUESTS, REFUSE, REVOKE or MIGRATED."""

    # For everybody

    def handle(self, request: Request) -> Reply:
        """Answer one call and write it down."""
        calling, fault, description = self.read(request), None, ""
        try:
            self.admit(calling)
            self._check_wait(calling)
            fault = self._state.faults.pick(calling.method, calling.chat_id, calling.bot)
            reply = json_reply(self.carry_out(calling)) if fault is None else self._go_wrong(fault, calling)
        except Refusal as error:
            description, reply = error.description, error.reply()
        self._state.journal.calls.append(
            Call(
                bot=calling.bot,
                method=calling.method,
                chat_id=calling.chat_id,
                arguments=calling.arguments,
                status=0 if reply.cut else reply.status,
                description=description,
                fault=fault.kind.value if fault else "",
                monotonic=request.monotonic,
                time=request.time,
            )
        )
        return reply

    def violate(self, calling: Calling, rule: str) -> None:
        """Note that a good client does not do this."""
        self._state.journal.violations.append(Violation(calling.bot, calling.chat_id, rule, calling.request.monotonic))

    def _check_wait(self, calling: Calling) -> None:
        """Refuse a call that comes before an enforced wait is over."""
        early = self._state.faults.closed_until(calling.bot, calling.chat_id) - calling.request.monotonic
        if calling.chat_id and early > 0:
            self.violate(calling, f"{early:.3f} s too early")
            raise self.refusal(Fault(FaultKind.TOO_MANY_REQUESTS, seconds=early), calling)

    def _go_wrong(self, fault: Fault, calling: Calling) -> Reply:
        match fault.kind:
            case FaultKind.SLOW:
                return replace(json_reply(self.carry_out(calling)), delay=fault.seconds)
            case FaultKind.TOO_MANY_REQUESTS:
                if fault.enforce and calling.chat_id:
                    until = calling.request.monotonic + fault.seconds
                    self._state.faults.close_chat(calling.bot, calling.chat_id, until)
                raise self.refusal(fault, calling)
            case FaultKind.REVOKE:
                with self._state.lock:
                    self._state.revoked.add(calling.credential)
                raise self.refusal(fault, calling)
            case FaultKind.REFUSE | FaultKind.MIGRATED:
                raise self.refusal(fault, calling)
        if fault.accept:
            self.carry_out(replace(calling, answered=False))
        return _broken(fault)


def _broken(fault: Fault) -> Reply:
    """Return the answer that is none of the API's."""
    match fault.kind:
        case FaultKind.HANG:
            return Reply(delay=fault.seconds, cut=True)
        case FaultKind.CLOSE:
            return Reply(cut=True)
        case FaultKind.NOT_JSON:
            return Reply(200, b"OK", {"Content-Type": "text/plain"})
    return Reply(fault.status or 502, _GATEWAY, {"Content-Type": "text/html"})
