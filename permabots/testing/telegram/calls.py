"""From an HTTP request to the Bot API to its answer: token, faults, method, journal."""

from __future__ import annotations

import dataclasses
import math
import re

from permabots.testing.faults import Fault, FaultBook, FaultKind
from permabots.testing.http11 import Reply, Request, json_reply
from permabots.testing.telegram.api import Calling, Method
from permabots.testing.telegram.arguments import Arguments, read_arguments
from permabots.testing.telegram.errors import ApiError, migrated, not_found, too_many_requests, unauthorized
from permabots.testing.telegram.journal import Call, Journal, Violation
from permabots.testing.telegram.state import TelegramState

_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)/?")
_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class CallHandler:
    """Answers calls to the Bot API.

    Args:
        state: what is known.
        journal: where calls are written down.
        faults: what goes wrong.
        methods: by their names in lower case.
    """

    def __init__(self, state: TelegramState, journal: Journal, faults: FaultBook, methods: dict[str, Method]) -> None:
        self._state = state
        self._journal = journal
        self._faults = faults
        self._methods = methods

    def handle(self, request: Request) -> Reply:
        """Answer one call and write it down."""
        match = _PATH.fullmatch(request.path)
        if match is None:
            return not_found().reply()
        token, method = match.groups()
        bot, arguments, fault, description = 0, Arguments(), None, ""
        try:
            arguments = read_arguments(request)
            calling = Calling(self._state.bot(token), token, method, arguments, request)
            bot = calling.bot.number
            self._check_patience(calling)
            fault = self._faults.pick(method, calling.chat_id, bot)
            reply = self._carry_out(calling) if fault is None else self._go_wrong(fault, calling)
        except ApiError as error:
            description, reply = error.description, error.reply()
        status = 0 if reply.cut else reply.status
        name = fault.kind.value if fault else ""
        self._journal.calls.append(
            Call(bot, method, arguments, status, description, name, request.monotonic, request.time)
        )
        return reply

    def _carry_out(self, calling: Calling) -> Reply:
        method = self._methods.get(calling.method.lower())
        if method is None:
            raise not_found()
        return json_reply({"ok": True, **method(calling)})

    def _check_patience(self, calling: Calling) -> None:
        """Refuse a call that comes before an enforced ``retry_after`` is over."""
        chat_id = calling.chat_id
        if chat_id is None:
            return
        early = self._faults.closed_until(calling.bot.number, chat_id) - calling.request.monotonic
        if early > 0:
            violation = Violation(calling.bot.number, chat_id, early, calling.request.monotonic)
            self._journal.violations.append(violation)
            raise too_many_requests(math.ceil(early))

    def _go_wrong(self, fault: Fault, calling: Calling) -> Reply:
        if fault.kind is FaultKind.SLOW:
            return dataclasses.replace(self._carry_out(calling), delay=fault.seconds)
        self._refuse(fault, calling)
        if fault.accept:
            self._carry_out(dataclasses.replace(calling, answered=False))
        match fault.kind:
            case FaultKind.HANG:
                return Reply(delay=fault.seconds, cut=True)
            case FaultKind.CLOSE:
                return Reply(cut=True)
            case FaultKind.NOT_JSON:
                return Reply(200, b"OK", {"Content-Type": "text/plain"})
        return Reply(fault.status or 502, _GATEWAY, {"Content-Type": "text/html"})

    def _refuse(self, fault: Fault, calling: Calling) -> None:
        """Raise the refusal of a fault that is one of the Bot API's own."""
        chat_id = calling.chat_id
        match fault.kind:
            case FaultKind.TOO_MANY_REQUESTS:
                if fault.enforce and chat_id is not None:
                    until = calling.request.monotonic + fault.seconds
                    self._faults.close_chat(calling.bot.number, chat_id, until)
                raise too_many_requests(math.ceil(fault.seconds))
            case FaultKind.REFUSE:
                raise ApiError(fault.status or 400, fault.description or "Bad Request")
            case FaultKind.MIGRATED:
                if chat_id is not None:
                    self._state.migrated[chat_id] = fault.migrate_to_chat_id
                raise migrated(fault.migrate_to_chat_id)
            case FaultKind.REVOKE:
                calling.bot.revoked.add(calling.token)
                raise unauthorized()
